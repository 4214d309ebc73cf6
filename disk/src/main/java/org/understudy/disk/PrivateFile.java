package org.understudy.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * The one way in which a file is made: readable and writable by this process's user alone (0600), whatever the umask.
 * What a VM needs of its disks, libvirt gives to the emulator when it starts the VM.
 */
public final class PrivateFile {
    private static final Set<PosixFilePermission> MODE = PosixFilePermissions.fromString("rw-------");
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ALONE =
            PosixFilePermissions.asFileAttribute(MODE);

    private PrivateFile() {}

    /** As {@link FileChannel#open(Path, OpenOption...)}; a file that is there keeps its mode. */
    public static FileChannel open(Path file, OpenOption... options) throws IOException {
        return FileChannel.open(file, Set.of(options), OWNER_ALONE);
    }

    /** Makes an empty file, which must not exist, for a program of others to fill. */
    public static void create(Path file) throws IOException {
        Files.createFile(file, OWNER_ALONE);
    }

    /** Takes all rights in a file that is there from everybody but its owner. */
    public static void close(Path file) throws IOException {
        Files.setPosixFilePermissions(file, MODE);
    }

    /** A new empty file in the system's folder for temporary files. */
    public static Path temporary(String prefix, String suffix) throws IOException {
        return Files.createTempFile(prefix, suffix, OWNER_ALONE);
    }
}
