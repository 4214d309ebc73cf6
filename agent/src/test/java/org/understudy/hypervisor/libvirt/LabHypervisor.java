package org.understudy.hypervisor.libvirt;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;

/** A way to a lab's libvirtd, which has a {@code /var} and a {@code /run} of its own, for tests of other modules. */
public final class LabHypervisor {
    private LabHypervisor() {}

    /** Reaches it with VMs whose images are below a folder of this process. */
    public static LibvirtHypervisor at(String uri, Path folder) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        return new LibvirtHypervisor(
                uri, new ExportFolder(folder.resolve("none"), folder.resolve("sockets")), Clock.systemUTC());
    }
}
