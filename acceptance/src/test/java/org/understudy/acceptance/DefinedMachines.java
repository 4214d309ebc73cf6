package org.understudy.acceptance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.understudy.lab.Lab;
import org.understudy.lab.LabHost;

/**
 * VMs that are defined at a host and never started: an ordinary one, and some with a disk that nobody can track. Their
 * first disk {@code vda} is an ordinary qcow2 image; the second, {@code vdb}, is the one that hinders.
 */
final class DefinedMachines {
    private static final String IMAGES = "/var/lib/libvirt/images/";

    private final Lab lab;
    private final LabHost host;

    DefinedMachines(Lab lab, LabHost host) {
        this.lab = lab;
        this.host = host;
    }

    /** With a raw image. */
    String raw() throws IOException {
        String name = "raw01";
        image(name + "-vdb.raw", "raw");
        return define(name, """
                <disk type='file' device='disk'>
                  <driver name='qemu' type='raw'/>
                  <source file='%s'/>
                  <target dev='vdb' bus='virtio'/>
                </disk>
                """.formatted(IMAGES + name + "-vdb.raw"));
    }

    /** With an image that other VMs may open. */
    String shared() throws IOException {
        String name = "shared01";
        image(name + "-vdb.raw", "raw");
        return define(name, """
                <disk type='file' device='disk'>
                  <driver name='qemu' type='raw' cache='none'/>
                  <source file='%s'/>
                  <target dev='vdb' bus='virtio'/>
                  <shareable/>
                </disk>
                """.formatted(IMAGES + name + "-vdb.raw"));
    }

    /** With a block device of the host. */
    String passedThrough() throws IOException {
        return define("block01", """
                <disk type='block' device='disk'>
                  <driver name='qemu' type='raw' cache='none'/>
                  <source dev='/dev/loop0'/>
                  <target dev='vdb' bus='virtio'/>
                </disk>
                """);
    }

    private String define(String name, String disk) throws IOException {
        image(name + "-vda.qcow2", "qcow2");
        String xml = """
                <domain type='qemu'>
                  <name>%s</name>
                  <uuid>%s</uuid>
                  <memory unit='MiB'>32</memory>
                  <os><type arch='x86_64' machine='pc'>hvm</type></os>
                  <devices>
                    <disk type='file' device='disk'>
                      <driver name='qemu' type='qcow2'/>
                      <source file='%s'/>
                      <target dev='vda' bus='virtio'/>
                    </disk>
                    %s
                  </devices>
                </domain>
                """.formatted(name, UUID.randomUUID(), IMAGES + name + "-vda.qcow2", disk);
        Path file = host.images().resolve(name + ".xml");
        Files.writeString(file, xml);
        run("virsh", "define", IMAGES + name + ".xml");
        return name;
    }

    private void image(String name, String format) throws IOException {
        run("qemu-img", "create", "-q", "-f", format, IMAGES + name, "16M");
    }

    private void run(String... command) throws IOException {
        Program.output(lab.exec(host.name(), command));
    }
}
