package org.understudy.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.understudy.model.ByteCount;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/**
 * The public tools, run inside the source's host on the VM as it runs; each ends with its output durable on the host's
 * own disk. What they leave, copies and checkpoints, is removed after each.
 */
final class PublicTools {
    private static final List<String> DISKS = List.of("vda", "vdb");
    private static final List<String> NEEDED = List.of("virtnbdbackup", "nbdcopy", "qemu-img", "virsh");

    private final HostShell shell;
    private final String vm;

    PublicTools(HostShell shell, String vm) {
        this.shell = shell;
        this.vm = vm;
    }

    /** Refuses when a tool is not installed, naming the packages. */
    static void requireInstalled() {
        List<String> missing = new ArrayList<>();
        for (String tool : NEEDED) {
            boolean found = List.of(System.getenv("PATH").split(":")).stream()
                    .anyMatch(folder -> Files.isExecutable(Path.of(folder).resolve(tool)));
            if (!found) {
                missing.add(tool);
            }
        }
        if (!missing.isEmpty()) {
            throw FailureException.of(FailureCode.NOT_FOUND,
                    "To compare with, these commands are missing: " + String.join(", ", missing) + ".",
                    "Install them: apt-get install --no-install-recommends "
                            + "virtnbdbackup libnbd-bin qemu-utils libvirt-clients");
        }
    }

    void measureInitial(Samples samples) throws IOException {
        try (PullBackup backup = begin()) {
            samples.add(Figure.INITIAL_NBDCOPY, seconds(copyBy(backup, "nbdcopy --flush '%s' %s.raw; ")));
            shell.run("rm *.raw");
            samples.add(Figure.INITIAL_QEMU_IMG,
                    seconds(copyBy(backup, "qemu-img convert -f raw -O raw '%s' %s.raw; ")));
            shell.run("rm *.raw");
        }
        samples.add(Figure.INITIAL_VIRTNBDBACKUP_LZ4, seconds(virtnbdbackup("full -z")));
        forget();
    }

    /** A full backup, then increments of nothing and of what {@code change} wrote. */
    void measureIncrements(Samples samples, int repeats, BenchRound.Change change) throws IOException {
        samples.add(Figure.INITIAL_VIRTNBDBACKUP, seconds(virtnbdbackup("full")));
        change.idle();
        // What was written since the full backup, and what the guest finishes as it becomes idle, is in the first one.
        virtnbdbackup("inc");
        for (int i = 0; i < repeats; i++) {
            samples.add(Figure.IDLE_VIRTNBDBACKUP, seconds(virtnbdbackup("inc")));
        }
        change.write();
        samples.add(Figure.CHURN_VIRTNBDBACKUP, seconds(virtnbdbackup("inc")));
        forget();
    }

    /** How much a copy of the disks takes on a file system that knows holes. */
    ByteCount content() throws IOException {
        try (PullBackup backup = begin()) {
            copyBy(backup, "nbdcopy --flush '%s' %s.raw; ");
            shell.run("du --block-size=1 -c *.raw | tail -n 1 | cut -f 1 > content");
            return new ByteCount(Long.parseLong(Files.readString(shell.outside().resolve("content")).strip()));
        } finally {
            shell.run("rm -f *.raw content");
        }
    }

    PullBackup begin() throws IOException {
        return PullBackup.begin(shell, vm, DISKS);
    }

    private Duration copyBy(PullBackup backup, String command) throws IOException {
        StringBuilder script = new StringBuilder();
        DISKS.forEach(disk -> script.append(command.formatted(backup.uri(disk), disk)));
        return shell.run(script + "sync -f .");
    }

    private Duration virtnbdbackup(String level) throws IOException {
        return shell.run("virtnbdbackup -d '%s' -l %s -n -o backup -S '%s'; sync -f .".formatted(
                vm, level, shell.folder()));
    }

    /** Also the checkpoints: they are on the VM, and would slow the guest's writes from now on. */
    private void forget() throws IOException {
        shell.run(("rm -rf backup; for c in $(virsh checkpoint-list '%1$s' --name | grep '^virtnbdbackup[.]'); "
                + "do virsh checkpoint-delete '%1$s' \"$c\"; done").formatted(vm));
    }

    private static double seconds(Duration time) {
        return time.toNanos() / 1e9;
    }
}
