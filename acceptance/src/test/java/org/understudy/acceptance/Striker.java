package org.understudy.acceptance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.understudy.lab.Lab;
import org.understudy.lab.LabHost;
import org.understudy.lab.deployment.Await;
import org.understudy.model.VmId;

/** Does and undoes {@link Strike}s, with kill -9. */
final class Striker {
    private static final Duration START = Duration.ofMinutes(2);

    private final AcceptanceLab world;
    private final String source;
    private final String target;
    private final VmId vm;

    /** @param source the host from which the item replicates when its operation begins */
    Striker(AcceptanceLab world, String source, String target, VmId vm) {
        this.world = world;
        this.source = source;
        this.target = target;
        this.vm = vm;
    }

    /** Strikes; answers whether there was anything to strike. */
    boolean strike(Strike.Kind kind) throws IOException {
        switch (kind) {
            case VAULT -> world.deployment().vault().kill();
            case SOURCE_AGENT -> world.deployment().agent(source).kill();
            case TARGET_AGENT -> world.deployment().agent(target).kill();
            case SOURCE_LIBVIRTD -> killLibvirtd(world, source);
            case TARGET_LIBVIRTD -> killLibvirtd(world, target);
            case LINK -> world.lab().cut();
            case QEMU -> {
                return killQemu();
            }
        }
        return true;
    }

    /** What died is there again when this returns; a VM whose QEMU died stays off. */
    void mend(Strike.Kind kind) throws IOException {
        switch (kind) {
            case VAULT -> world.deployment().vault().start(START);
            case SOURCE_AGENT -> world.startAgent(source);
            case TARGET_AGENT -> world.startAgent(target);
            case SOURCE_LIBVIRTD -> startLibvirtd(world, source);
            case TARGET_LIBVIRTD -> startLibvirtd(world, target);
            case LINK -> world.lab().heal();
            case QEMU -> { }
        }
    }

    /** As an administrator does. */
    static void restartLibvirtd(AcceptanceLab world, String host) throws IOException {
        killLibvirtd(world, host);
        startLibvirtd(world, host);
    }

    private static void killLibvirtd(AcceptanceLab world, String host) throws IOException {
        Program.output(world.lab().exec(host, "sh", "-c", "pid=$(cat /run/libvirtd.pid); kill -9 $pid; "
                + "timeout 60 tail --pid=$pid -f /dev/null"));
    }

    /** The holder of a host's namespaces starts it again at a signal. */
    private static void startLibvirtd(AcceptanceLab world, String host) throws IOException {
        LabHost at = world.lab().host(host);
        Program.output("kill", "-HUP", at.root().getName(1).toString());
        Await.atMost(START).untilTrue("libvirtd to answer again", () -> answers(at));
    }

    private static boolean answers(LabHost host) {
        try {
            HostTraces.virsh(host, "version");
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Of the VM wherever it runs, and of its test. */
    private boolean killQemu() throws IOException {
        List<String> found = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                String command = command(process);
                if (command.contains("\0-uuid\0" + vm + "\0") || command.contains("guest=" + world.vm() + " - Test")
                        && isOurs(process)) {
                    found.add(process.getFileName().toString());
                }
            }
        }
        for (String process : found) {
            Program.output("kill", "-9", process);
        }
        return !found.isEmpty();
    }

    /** Others' labs have tests of VMs of the same name. */
    private boolean isOurs(Path process) throws IOException {
        for (String host : List.of(Lab.STOCKHOLM, Lab.AMSTERDAM)) {
            Path holder = world.lab().host(host).root().getParent();
            Path there = Files.readSymbolicLink(holder.resolve("ns/mnt"));
            try {
                if (Files.readSymbolicLink(process.resolve("ns/mnt")).equals(there)) {
                    return true;
                }
            } catch (NoSuchFileException ended) {
                return false;
            }
        }
        return false;
    }

    private static String command(Path process) {
        try {
            return Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException ended) {
            return "";
        }
    }
}
