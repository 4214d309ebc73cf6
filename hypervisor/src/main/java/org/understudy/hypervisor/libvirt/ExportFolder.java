package org.understudy.hypervisor.libvirt;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.understudy.disk.EmulatorAccount;
import org.understudy.disk.FolderAccess;
import org.understudy.disk.Folders;
import org.understudy.hypervisor.XmlDocument;

/**
 * Where a VM's QEMU makes the socket at which its disks are exported: a folder that is QEMU's own, that its AppArmor
 * profile allows, and in which nobody else but root can reach it (decision 27).
 *
 * @param machines libvirt's folder with one for each running VM
 * @param ours where a folder is made when that VM's cannot be used
 */
record ExportFolder(Path machines, Path ours) {
    /** On a host. */
    static final ExportFolder OF_HOST = new ExportFolder(Path.of("/var/lib/libvirt/qemu"), Path.of("/run/understudy"));

    private static final int SOCKET_PATH_BYTES_MAX = 107;
    private static final int SHORT_NAME_CHARACTERS = 20;

    /** The path of a socket of that name for the VM with this live definition; its folder is there on return. */
    Path socket(String name, XmlDocument live, EmulatorAccount emulator) throws IOException {
        Path libvirts = ofMachine(live);
        Path socket = libvirts.resolve(name);
        if (bytes(socket) <= SOCKET_PATH_BYTES_MAX && Files.isDirectory(libvirts)) {
            return socket;
        }
        Folders.make(ours, FolderAccess.PASSAGE);
        Path own = Folders.make(ours.resolve("nbd-" + emulator.uid()), FolderAccess.ownedBy(emulator));
        return own.resolve(name);
    }

    /** The path of a socket of this process's own, where nobody else can reach it; its folder is there on return. */
    Path ownSocket(String name) throws IOException {
        Folders.make(ours, FolderAccess.PASSAGE);
        return Folders.make(ours.resolve("rest"), FolderAccess.PRIVATE).resolve(name);
    }

    /** libvirt makes {@code domain-<id>-<the name's first 20 characters>} when it starts a VM, and removes it after. */
    private Path ofMachine(XmlDocument live) {
        String name = MachineReader.text(live, "name");
        int end = name.offsetByCodePoints(0, Math.min(SHORT_NAME_CHARACTERS, name.codePointCount(0, name.length())));
        return machines.resolve("domain-" + live.root().getAttribute("id") + "-" + name.substring(0, end));
    }

    private static int bytes(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8).length;
    }
}
