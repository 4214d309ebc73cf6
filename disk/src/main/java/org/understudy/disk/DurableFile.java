package org.understudy.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * The one way in which a small file is replaced, and a name in a folder changed, so that a power cut leaves the old or
 * the new and nothing between.
 *
 * <p>Each method returns when its effect is durable: the file was forced before it got its name, the folder after.
 * One writer for each path at a time; readers at any time.
 */
public final class DurableFile {
    private static final String BESIDE = ".new";

    private DurableFile() {
    }

    /**
     * Replaces the whole content of {@code file}, or makes the file, readable by this process's user alone; its folder
     * must exist.
     */
    public static void replace(Path file, byte[] content) throws IOException {
        Path beside = beside(file);
        try (FileChannel channel = PrivateFile.open(beside, StandardOpenOption.WRITE, StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        rename(beside, file);
    }

    /** The whole content, or empty when there is no such file. */
    public static Optional<byte[]> read(Path file) throws IOException {
        try {
            return Optional.of(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /**
     * Gives a file another name in the same folder, replacing what had it. The content must have been forced before:
     * otherwise the new name could outlive a power cut and its bytes not.
     */
    public static void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        forceDirectory(folderOf(to));
    }

    /** Deletes a file, with what a replacement that died left beside it; answers whether there was one. */
    public static boolean delete(Path file) throws IOException {
        boolean deleted = Files.deleteIfExists(file);
        boolean torn = Files.deleteIfExists(beside(file));
        if (deleted || torn) {
            forceDirectory(folderOf(file));
        }
        return deleted;
    }

    /** Makes the names in a folder durable. */
    public static void forceDirectory(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static Path beside(Path file) {
        return file.resolveSibling(file.getFileName() + BESIDE);
    }

    private static Path folderOf(Path file) {
        return file.toAbsolutePath().getParent();
    }
}
