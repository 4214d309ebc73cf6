package org.understudy.lab.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.understudy.lab.GuestRecords;
import org.understudy.lab.ScratchFolder;

/**
 * What the disks of a guest hold, read by QEMU's tools and the lab's own reader, without a word to the product.
 *
 * <p>The disks are copied to raw files inside their host, where the paths of backing files lead somewhere, and the
 * copies are removed again.
 */
final class RecordsReader {
    private final HostShell shell;
    private final Path copies;

    /** @param copies a folder that hosts see under the same path; made and removed by each reading */
    RecordsReader(HostShell shell, Path copies) {
        this.shell = shell;
        this.copies = copies;
    }

    /** The disks of a VM whose host is dead, so nothing writes them. */
    GuestRecords atDeadSite(String host, String vm) throws IOException {
        return read(host, "/var/lib/libvirt/images/%s-vda.qcow2".formatted(vm),
                "/var/lib/libvirt/images/%s-vdb.qcow2".formatted(vm));
    }

    /** The disks of a VM that runs, wherever they are; it is paused while they are copied. */
    GuestRecords ofRunning(String host, String vm) throws IOException {
        List<String> lines = shell.run(host, "virsh", "-q", "domblklist", vm).lines().map(String::strip).toList();
        shell.run(host, "virsh", "-q", "suspend", vm);
        try {
            return read(host, path(lines, "vda"), path(lines, "vdb"));
        } finally {
            shell.run(host, "virsh", "-q", "resume", vm);
        }
    }

    private GuestRecords read(String host, String first, String second) throws IOException {
        Files.createDirectories(copies);
        try {
            Path one = copies.resolve("disk1");
            Path two = copies.resolve("disk2");
            shell.run(host, "qemu-img", "convert", "-U", "-O", "raw", first, one.toString());
            shell.run(host, "qemu-img", "convert", "-U", "-O", "raw", second, two.toString());
            return GuestRecords.read(one, two);
        } finally {
            ScratchFolder.delete(copies);
        }
    }

    private static String path(List<String> lines, String disk) throws IOException {
        return lines.stream().filter(line -> line.startsWith(disk + " ")).findFirst()
                .map(line -> line.substring(disk.length()).strip())
                .orElseThrow(() -> new IOException("the VM has no disk " + disk + ", it has: " + lines));
    }
}
