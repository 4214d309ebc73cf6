package org.understudy.vault.database;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/** A vault's folder, held by one vault at a time: a second one is refused, whatever became of the first one's files. */
public final class DataFolder implements AutoCloseable {
    private final Path path;
    private final FileChannel lockFile;

    private DataFolder(Path path, FileChannel lockFile) {
        this.path = path;
        this.lockFile = lockFile;
    }

    /** Makes the folder if it is not there, for its owner alone, and holds it until closed or killed. */
    public static DataFolder open(Path path) throws IOException {
        Path absolute = path.toAbsolutePath().normalize();
        if (!Files.isDirectory(absolute)) {
            Files.createDirectories(absolute);
            Files.setPosixFilePermissions(absolute, PosixFilePermissions.fromString("rwx------"));
        }
        FileChannel lockFile = FileChannel.open(
                absolute.resolve("vault.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!lock(lockFile)) {
            lockFile.close();
            throw FailureException.of(FailureCode.IN_USE, "the folder " + absolute + " is used by another vault",
                    "Stop the other vault first, or give this one a folder of its own by --data.");
        }
        return new DataFolder(absolute, lockFile);
    }

    public Path path() {
        return path;
    }

    public Path file(String name) {
        return path.resolve(name);
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }

    private static boolean lock(FileChannel file) throws IOException {
        try {
            FileLock lock = file.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            // Held within this very process.
            return false;
        }
    }
}
