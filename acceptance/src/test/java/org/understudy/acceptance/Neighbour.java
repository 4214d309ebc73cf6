package org.understudy.acceptance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.understudy.lab.Lab;
import org.understudy.lab.LabHost;
import org.understudy.lab.deployment.Await;

/**
 * What an administrator's other tools do to a protected VM, each as a person would: a step that fails of our cycle is
 * counted and done again, as its message says, until the VM is as it was before.
 */
enum Neighbour {
    SNAPSHOT_AND_COMMIT {
        @Override
        void work(Tools tools) throws IOException {
            tools.virsh("snapshot-create-as", tools.vm(), "beside", "--disk-only", "--no-metadata", "--diskspec",
                    "vda,file=" + IMAGES + "beside.qcow2", "--diskspec", "vdb,snapshot=no");
            tools.commit("vda");
            tools.inHost("rm", "-f", IMAGES + "beside.qcow2");
        }
    },
    /** A whole copy: its chains of increments refuse every checkpoint that is not its own, whoever made it. */
    VIRTNBDBACKUP {
        @Override
        void work(Tools tools) throws IOException {
            String folder = "/var/tmp/beside";
            tools.inHost("sh", "-c", "rm -rf " + folder + " && virtnbdbackup -d " + tools.vm() + " -l copy -n -o "
                    + folder + " -S /var/tmp/beside-scratch");
        }
    },
    ATTACH_AND_DETACH {
        @Override
        void work(Tools tools) throws IOException {
            tools.inHost("qemu-img", "create", "-q", "-f", "qcow2", IMAGES + "extra.qcow2", "16M");
            tools.virsh("attach-disk", tools.vm(), IMAGES + "extra.qcow2", "vdz", "--driver", "qemu", "--subdriver",
                    "qcow2", "--targetbus", "virtio", "--live");
            tools.virsh("detach-disk", tools.vm(), "vdz", "--live");
        }
    },
    SAVE_AND_RESTORE {
        @Override
        void work(Tools tools) throws IOException {
            tools.virsh("save", tools.vm(), IMAGES + "beside.save");
            tools.virsh("restore", IMAGES + "beside.save");
            tools.inHost("rm", "-f", IMAGES + "beside.save");
        }
    },
    BLOCKRESIZE_TO_THE_SAME {
        @Override
        void work(Tools tools) throws IOException {
            String bytes = tools.virsh("domblkinfo", tools.vm(), "vdb").lines()
                    .filter(line -> line.startsWith("Capacity")).findFirst().orElseThrow().replaceAll("\\D", "");
            tools.virsh("blockresize", tools.vm(), "vdb", bytes + "B");
        }
    },
    RENAME {
        @Override
        void work(Tools tools) throws IOException {
            tools.virsh("destroy", tools.vm());
            tools.once("domrename", tools.vm(), tools.vm() + "-beside");
            tools.once("domrename", tools.vm() + "-beside", tools.vm());
            tools.virsh("start", tools.vm());
        }
    },
    LIBVIRTD_RESTART {
        @Override
        void work(Tools tools) throws IOException {
            tools.restartLibvirtd();
        }
    };

    private static final String IMAGES = "/var/lib/libvirt/images/";

    /** Does its work once; the VM runs and is as it was when it returns. */
    abstract void work(Tools tools) throws IOException;

    /** Whether its program is on this machine. */
    boolean isHere() {
        return this != VIRTNBDBACKUP || Machine.installed("virtnbdbackup");
    }

    /** The tools of the source's host, and what they met. */
    static final class Tools {
        private static final int TRIES = 60;

        private final AcceptanceLab lab;
        private final List<String> failures = new ArrayList<>();
        private int deaths;

        Tools(AcceptanceLab lab) {
            this.lab = lab;
        }

        String vm() {
            return lab.vm();
        }

        /** Their failures, each with the tool's own words. */
        List<String> failures() {
            return failures;
        }

        String virsh(String... words) throws IOException {
            return again(words[0], () -> HostTraces.virsh(host(), words));
        }

        /** How often QEMU died beneath the VM. */
        int deaths() {
            return deaths;
        }

        /** What QEMU said last when it died beneath the VM, which is started again; empty while it lives. */
        Optional<String> lastWordsOfQemu() throws IOException {
            if (!answers() || !HostTraces.virsh(host(), "domstate", vm(), "--reason").contains("crashed")) {
                return Optional.empty();
            }
            Path log = host().logs().resolve("qemu").resolve(vm() + ".log");
            List<String> lines = new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines().toList();
            HostTraces.virsh(host(), "start", vm());
            return Optional.of(String.join(" ", lines.subList(Math.max(0, lines.size() - 2), lines.size())));
        }

        /** A commit whose pivot was refused has left its job ready: it is pivoted, not begun anew. */
        void commit(String disk) throws IOException {
            again("blockcommit", () -> {
                try {
                    return HostTraces.virsh(host(), "blockcommit", vm(), disk, "--active", "--pivot", "--wait");
                } catch (IOException refused) {
                    try {
                        return HostTraces.virsh(host(), "blockjob", vm(), disk, "--pivot");
                    } catch (IOException notReady) {
                        refused.addSuppressed(notReady);
                        throw refused;
                    }
                }
            });
        }

        /** Once: what refuses for a reason that stays is only noted. */
        void once(String... words) {
            try {
                HostTraces.virsh(host(), words);
            } catch (IOException e) {
                failures.add(words[0] + ": " + e.getMessage());
            }
        }

        String inHost(String... command) throws IOException {
            return again(command[0], () -> Program.output(lab.lab().exec(Lab.STOCKHOLM, command)));
        }

        void restartLibvirtd() throws IOException {
            String holder = host().root().getName(1).toString();
            // Its socket goes before its process, and until then another one refuses to start.
            Program.output(lab.lab().exec(Lab.STOCKHOLM, "sh", "-c", "pid=$(cat /run/libvirtd.pid); kill $pid; "
                    + "timeout 60 tail --pid=$pid -f /dev/null"));
            Program.output("kill", "-HUP", holder);
            Await.atMost(Duration.ofMinutes(1)).untilTrue("libvirtd to answer again", this::answers);
        }

        private boolean answers() {
            try {
                HostTraces.virsh(host(), "version");
                return true;
            } catch (IOException e) {
                return false;
            }
        }

        private LabHost host() throws IOException {
            return lab.lab().host(Lab.STOCKHOLM);
        }

        private String again(String tool, Work work) throws IOException {
            for (int i = 1; true; i++) {
                try {
                    return work.run();
                } catch (IOException e) {
                    failures.add(tool + ": " + e.getMessage().replaceAll("\\s+", " "));
                    Optional<String> died = lastWordsOfQemu();
                    if (i == TRIES || died.isPresent()) {
                        died.ifPresent(words -> e.addSuppressed(new IOException("QEMU died: " + words)));
                        deaths += died.isPresent() ? 1 : 0;
                        throw e;
                    }
                    Await.pass(Duration.ofSeconds(1));
                }
            }
        }

        /** One run of a tool. */
        @FunctionalInterface
        private interface Work {
            String run() throws IOException;
        }
    }
}
