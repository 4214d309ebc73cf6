package org.understudy.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A point in time of a running VM, opened with virsh alone and exported over NBD inside the host until it is closed; it
 * makes no checkpoint.
 */
final class PullBackup implements AutoCloseable {
    private final HostShell shell;
    private final String vm;
    private final Path socket;

    private PullBackup(HostShell shell, String vm, Path socket) {
        this.shell = shell;
        this.vm = vm;
        this.socket = socket;
    }

    static PullBackup begin(HostShell shell, String vm, List<String> disks) throws IOException {
        String described = disks.stream()
                .map(disk -> ("<disk name='%s' backup='yes' type='file'><driver type='qcow2'/>"
                        + "<scratch file='%s/%s.scratch'/></disk>").formatted(disk, shell.folder(), disk))
                .collect(Collectors.joining());
        // A folder of QEMU's user, who makes the socket.
        shell.run("mkdir -p sockets; chmod 700 sockets; chown --reference=/var/lib/libvirt/qemu sockets");
        Path socket = Path.of(shell.folder().toString(), "sockets", "bench.sock");
        Files.writeString(shell.outside().resolve("backup.xml"),
                "<domainbackup mode='pull'><server transport='unix' socket='%s'/><disks>%s</disks></domainbackup>"
                        .formatted(socket, described));
        shell.run("virsh backup-begin '%s' backup.xml".formatted(vm));
        return new PullBackup(shell, vm, socket);
    }

    /** What a tool copies from. */
    String uri(String disk) {
        return "nbd+unix:///" + disk + "?socket=" + socket;
    }

    Path socket() {
        return socket;
    }

    @Override
    public void close() throws IOException {
        shell.run("virsh domjobabort '%s'; rm -f *.scratch".formatted(vm));
    }
}
