package org.understudy.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The public tools, run inside the source's host on the VM as it runs; each ends with its output durable on the host's
 * own disk. What they leave, copies and checkpoints, is removed after each. {@code ./dev bench} has installed them.
 */
final class PublicTools {
    private static final List<String> DISKS = List.of("vda", "vdb");

    private final HostShell shell;
    private final String vm;

    PublicTools(HostShell shell, String vm) {
        this.shell = shell;
        this.vm = vm;
    }

    /** Copies all disks by each of the tools. */
    void measureInitial(Samples samples) throws IOException {
        try (PullBackup backup = begin()) {
            HostShell.Took nbdcopy = copyBy(backup, "nbdcopy --flush '%s' %s.raw; ");
            samples.add(Figure.INITIAL_NBDCOPY, nbdcopy.seconds());
            samples.add(Figure.INITIAL_NBDCOPY_CPU, nbdcopy.cpuSeconds());
            samples.add(Figure.INITIAL_CONTENT, removeCopies() / 1e6);
            samples.add(Figure.INITIAL_QEMU_IMG,
                    copyBy(backup, "qemu-img convert -f raw -O raw '%s' %s.raw; ").seconds());
            removeCopies();
        }
        samples.add(Figure.INITIAL_VIRTNBDBACKUP_LZ4, virtnbdbackup("full -z").seconds());
        forget();
    }

    /** A full backup, then increments of nothing and of what {@code change} wrote. */
    void measureIncrements(Samples samples, int repeats, BenchRound.Change change) throws IOException {
        HostShell.Took full = virtnbdbackup("full");
        samples.add(Figure.INITIAL_VIRTNBDBACKUP, full.seconds());
        samples.add(Figure.INITIAL_VIRTNBDBACKUP_CPU, full.cpuSeconds());
        change.idle();
        // What was written since the full backup, and what the guest finishes as it becomes idle, is in the first one.
        virtnbdbackup("inc");
        for (int i = 0; i < repeats; i++) {
            samples.add(Figure.IDLE_VIRTNBDBACKUP, virtnbdbackup("inc").seconds());
        }
        change.write();
        samples.add(Figure.CHURN_VIRTNBDBACKUP, virtnbdbackup("inc").seconds());
        forget();
    }

    /** Answers how many bytes the copies took on a file system that knows holes. */
    private long removeCopies() throws IOException {
        shell.run("du --block-size=1 -c *.raw | tail -n 1 | cut -f 1 > content; rm *.raw");
        return Long.parseLong(Files.readString(shell.outside().resolve("content")).strip());
    }

    PullBackup begin() throws IOException {
        return PullBackup.begin(shell, vm, DISKS);
    }

    private HostShell.Took copyBy(PullBackup backup, String command) throws IOException {
        StringBuilder script = new StringBuilder();
        DISKS.forEach(disk -> script.append(command.formatted(backup.uri(disk), disk)));
        return shell.run(script + "sync -f .");
    }

    private HostShell.Took virtnbdbackup(String level) throws IOException {
        return shell.run("virtnbdbackup -d '%s' -l %s -n -o backup -S '%s'; sync -f .".formatted(
                vm, level, shell.folder()));
    }

    /** Also the checkpoints: they are on the VM, and would slow the guest's writes from now on. */
    private void forget() throws IOException {
        shell.run(("rm -rf backup; for c in $(virsh checkpoint-list '%1$s' --name | grep '^virtnbdbackup[.]'); "
                + "do virsh checkpoint-delete '%1$s' \"$c\"; done").formatted(vm));
    }
}
