package org.understudy.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.understudy.model.ByteCount;

/** The space that is left on a file system for whoever asks. */
public final class FreeSpace {
    private FreeSpace() {
    }

    /** What this process could still write on the file system that holds {@code path}, a file or folder that exists. */
    public static ByteCount of(Path path) throws IOException {
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toString());
        }
        // java.io.File asks statvfs directly; a FileStore would first look for the mount point in /proc/mounts and fail
        // where a private mount namespace hides it.
        return new ByteCount(path.toFile().getUsableSpace());
    }
}
