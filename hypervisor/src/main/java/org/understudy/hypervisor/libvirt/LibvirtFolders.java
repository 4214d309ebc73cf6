package org.understudy.hypervisor.libvirt;

import java.nio.file.Path;
import java.util.List;
import org.understudy.model.VmId;

/**
 * Where the libvirt of a host keeps files of its VMs, as its packages lay them out, seen from this process.
 *
 * @param root under which this process sees the host's own files
 */
record LibvirtFolders(Path root) {
    /** Of the host itself. */
    static final LibvirtFolders OF_HOST = new LibvirtFolders(Path.of("/"));

    private static final Path MODULES = Path.of("/var/lib/libvirt/swtpm");

    /** A file of the host, as this process opens it. */
    Path seen(Path file) {
        return root.resolve(Path.of("/").relativize(file.toAbsolutePath().normalize()));
    }

    /** The folder of the TPM of a VM. */
    static Path module(VmId vm) {
        return MODULES.resolve(vm.toString());
    }

    /** The folder of all of them, as this process sees it. */
    Path modules() {
        return seen(MODULES);
    }

    /** Where the host's firmware is described, that of the administrator first. */
    List<Path> firmwareDescriptions() {
        return List.of(seen(Path.of("/etc/qemu/firmware")), seen(Path.of("/usr/share/qemu/firmware")));
    }
}
