package org.understudy.hypervisor.libvirt;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.model.DiskName;
import org.understudy.model.VmId;

/**
 * A real libvirtd for tests, worked on by its own tools (virsh, qemu-img) as an administrator would.
 *
 * @param uri from the system property or environment variable {@code UNDERSTUDY_TEST_LIBVIRT_URI}
 */
record LibvirtHost(String uri) {
    static final String IS_NAMED = "org.understudy.hypervisor.libvirt.LibvirtHost#isNamed";
    private static final String URI = "UNDERSTUDY_TEST_LIBVIRT_URI";

    /** Whether there is one: the condition {@link #IS_NAMED} of its tests. */
    static boolean isNamed() {
        return !System.getProperty(URI, Objects.requireNonNullElse(System.getenv(URI), "")).isBlank();
    }

    static LibvirtHost named() {
        return new LibvirtHost(System.getProperty(URI, System.getenv(URI)));
    }

    /** A VM of two disks and one adapter; its guest is firmware that finds nothing to start. */
    static MachineDefinition definition(VmId vm, String name, List<Path> images) {
        StringBuilder disks = new StringBuilder();
        for (Path image : images) {
            String disk = "vd" + (char) ('a' + images.indexOf(image));
            disks.append("<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='")
                    .append(image).append("'/><target dev='").append(disk).append("' bus='virtio'/></disk>");
        }
        return new MachineDefinition("""
                <domain type='qemu'><name>%s</name><uuid>%s</uuid><memory unit='MiB'>32</memory><vcpu>1</vcpu>
                <os><type arch='x86_64' machine='q35'>hvm</type></os>
                <devices>%s<interface type='ethernet'><model type='virtio'/></interface></devices></domain>
                """.formatted(name, vm, disks));
    }

    /**
     * Reaches it with VMs whose images are in a folder of this process. It has a {@code /var} and a {@code /run} of its
     * own, which this process does not see; and its QEMU runs as a user of its own, who passes as through the folder of
     * images on any host.
     */
    LibvirtHypervisor hypervisor(Path folder) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        return new LibvirtHypervisor(
                uri, new ExportFolder(folder.resolve("none"), folder.resolve("sockets")), Clock.systemUTC());
    }

    String virsh(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("virsh", "-q", "-c", uri));
        command.addAll(List.of(arguments));
        return run(command.toArray(String[]::new));
    }

    /** Writes to a disk of a running VM where its guest would. */
    void write(VmId vm, DiskName disk, int pattern, String offset, String length) throws IOException {
        String device = disk.value().equals("vda") ? "virtio-disk0" : "virtio-disk1";
        virsh("qemu-monitor-command", vm.toString(), "--hmp", "qemu-io -d /machine/peripheral/" + device
                + "/virtio-backend \"write -P " + pattern + " " + offset + " " + length + "\"");
    }

    static String run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + " failed: " + output);
            }
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        }
        return output;
    }
}
