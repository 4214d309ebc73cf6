package org.understudy.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.understudy.disk.linux.FileSystemCounts;
import org.understudy.disk.linux.NativeFile;
import org.understudy.model.ByteCount;

/** What is left on a file system for whoever asks, and what a file there can be. */
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

    /** How many files could still be made where {@code path} is; empty where there is no such limit. */
    public static OptionalLong files(Path path) throws IOException {
        return FileSystemCounts.freeFiles(path);
    }

    /** What one file takes of its file system: its bytes without its holes. */
    public static ByteCount takenBy(Path file) throws IOException {
        try (NativeFile sparse = NativeFile.open(file, NativeFile.Access.READ_ONLY)) {
            long taken = 0;
            OptionalLong start = sparse.nextAllocated(0);
            while (start.isPresent()) {
                long end = sparse.nextHole(start.getAsLong());
                taken += end - start.getAsLong();
                start = sparse.nextAllocated(end);
            }
            return new ByteCount(taken);
        }
    }

    /** How large one file in {@code folder} can be, to within 1 MiB; tried with a file of holes that is deleted. */
    public static ByteCount largestFile(Path folder) throws IOException {
        Path probe = Files.createTempFile(folder, ".understudy-size-", "");
        try (NativeFile file = NativeFile.open(probe, NativeFile.Access.READ_WRITE)) {
            long fits = 0;
            long tooLarge = Long.MAX_VALUE;
            while (tooLarge - fits > 1 << 20) {
                long middle = fits + (tooLarge - fits) / 2;
                try {
                    file.setLength(new ByteCount(middle));
                    fits = middle;
                } catch (FileTooLargeException e) {
                    tooLarge = middle;
                }
            }
            return new ByteCount(fits);
        } finally {
            Files.deleteIfExists(probe);
        }
    }
}
