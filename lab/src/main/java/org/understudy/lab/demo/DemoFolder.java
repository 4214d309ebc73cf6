package org.understudy.lab.demo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.understudy.lab.ScratchFolder;

/**
 * Where a demo keeps what is not the lab's (the vault's data, keys, logs), held by one process at a time.
 *
 * <p>The folder is made before anything is started and removed after everything has ended, so its being there says
 * that an earlier demo was kept or killed.
 */
final class DemoFolder implements AutoCloseable {
    private final Path path;
    private final Path lockFile;
    private final FileChannel lock;

    private DemoFolder(Path path, Path lockFile, FileChannel lock) {
        this.path = path;
        this.lockFile = lockFile;
        this.lock = lock;
    }

    /** The one that holds a lab's demo just now, by process id; empty when it is ours from now on. */
    sealed interface Hold {
        /** Nobody else's until closed. */
        record Ours(DemoFolder folder) implements Hold {
        }

        /** Another process has it. */
        record Theirs(String pid) implements Hold {
        }
    }

    /** Takes hold of a lab's demo; makes no folder for it yet. */
    static Hold take(Path parent, String lab) throws IOException {
        Path lockFile = parent.resolve(lab + ".lock");
        while (true) {
            Files.createDirectories(parent);
            FileChannel channel;
            try {
                channel = FileChannel.open(lockFile,
                        StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            } catch (NoSuchFileException removedMeanwhile) {
                continue;
            }
            if (!lock(channel)) {
                try (channel) {
                    return new Hold.Theirs(read(channel));
                }
            }
            // Whoever held it before may have removed the file between our opening it and our lock.
            if (Files.exists(lockFile)) {
                channel.truncate(0);
                channel.write(StandardCharsets.US_ASCII.encode(Long.toString(ProcessHandle.current().pid())));
                return new Hold.Ours(new DemoFolder(parent.resolve(lab), lockFile, channel));
            }
            channel.close();
        }
    }

    Path path() {
        return path;
    }

    Path logs() {
        return path.resolve("logs");
    }

    boolean exists() {
        return Files.exists(path);
    }

    void create() throws IOException {
        Files.createDirectory(path);
    }

    /** Removes the folder with everything in it; nothing there is fine. */
    void delete() throws IOException {
        ScratchFolder.delete(path);
    }

    /** Processes that were given a path in this folder as an argument: the vault and its database. */
    List<ProcessHandle> processes() {
        return ProcessHandle.allProcesses()
                .filter(process -> process.pid() != ProcessHandle.current().pid())
                .filter(process -> arguments(process).anyMatch(this::isIn))
                .toList();
    }

    /** Lets go; leaves no lock file behind, and not the folder above where it is empty. */
    @Override
    public void close() throws IOException {
        if (!lock.isOpen()) {
            return; // by now the file may be that of the next demo
        }
        Files.deleteIfExists(lockFile);
        try {
            Files.deleteIfExists(lockFile.getParent());
        } catch (DirectoryNotEmptyException othersAreThere) {
            // A kept demo, or one of another lab.
        }
        lock.close();
    }

    private boolean isIn(String argument) {
        return argument.equals(path.toString()) || argument.startsWith(path + "/");
    }

    private static Stream<String> arguments(ProcessHandle process) {
        try {
            return Stream.of(Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"),
                    StandardCharsets.ISO_8859_1).split("\0"));
        } catch (IOException ended) {
            return Stream.empty();
        }
    }

    private static boolean lock(FileChannel channel) throws IOException {
        try {
            return Optional.<FileLock>ofNullable(channel.tryLock()).isPresent();
        } catch (OverlappingFileLockException heldByThisProcess) {
            return false;
        }
    }

    private static String read(FileChannel channel) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(32);
        channel.read(buffer, 0);
        return StandardCharsets.US_ASCII.decode(buffer.flip()).toString();
    }
}
