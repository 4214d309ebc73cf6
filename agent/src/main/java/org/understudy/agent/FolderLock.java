package org.understudy.agent;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.understudy.disk.FolderAccess;
import org.understudy.disk.Folders;
import org.understudy.disk.PrivateFile;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/** Holds the agent's folder for one process; the kernel lets go of it however that process ends. */
final class FolderLock implements AutoCloseable {
    private final FileChannel channel;

    private FolderLock(FileChannel channel) {
        this.channel = channel;
    }

    /** Takes the lock or refuses with IN_USE. */
    static FolderLock take(Path folder) throws IOException {
        Folders.makeNamed(folder, FolderAccess.PASSAGE);
        FileChannel channel = PrivateFile.open(
                folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return new FolderLock(channel);
            }
        } catch (OverlappingFileLockException e) {
            // Held by this very process: in use all the same.
        }
        channel.close();
        throw FailureException.of(FailureCode.IN_USE, "Another agent runs in " + folder + ".",
                "End it, or give this one a folder of its own.");
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
