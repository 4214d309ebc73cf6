package org.understudy.replica;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.understudy.disk.BlockDevice;
import org.understudy.disk.Folders;
import org.understudy.disk.HostProgram;
import org.understudy.disk.PrivateFile;
import org.understudy.model.ByteCount;
import org.understudy.nbd.NbdDevice;

/**
 * Makes qcow2 overlays over raw disks with QEMU's own tools, and writes into them through {@code qemu-nbd}.
 * The qcow2 format stays QEMU's affair. Never opens the backing file for writing. Safe for threads.
 */
public final class OverlayImages {
    private static final long TOOL_SECONDS_MAX = 60;
    private static final String PID_FILE = "qemu-nbd.pid";

    /** An empty overlay of {@code size} over {@code backing}, forced; reads as the backing file (QEMU qcow2 v3). */
    void create(Path overlay, Path backing, ByteCount size) throws IOException {
        // Made first, since qemu-img gives the mode that the umask leaves, and keeps one that is there.
        PrivateFile.create(overlay);
        run(List.of("qemu-img", "create", "-q", "-f", "qcow2", "-o", "compat=1.1",
                "-b", backing.toAbsolutePath().toString(), "-F", "raw",
                overlay.toAbsolutePath().toString(), Long.toString(size.bytes())));
        force(overlay);
    }

    /** Lets {@code content} write to the overlay; all of it is durable when this returns. */
    void fill(Path overlay, Content content) throws IOException {
        Path folder = Folders.temporary("understudy-nbd");
        Path socket = folder.resolve("s");
        Path pidFile = overlay.resolveSibling(PID_FILE);
        // Without --persistent the server ends with our connection, and by that has let go of the image.
        List<String> command = List.of("qemu-nbd", "--pid-file=" + pidFile.toAbsolutePath(), "--format=qcow2",
                "--cache=writeback", "--aio=threads", "--socket=" + socket, overlay.toAbsolutePath().toString());
        Path output = folder.resolve("output");
        Process server = new ProcessBuilder(command)
                .redirectErrorStream(true).redirectOutput(output.toFile()).start();
        try {
            awaitListening(server, pidFile, output);
            try (BlockDevice device = NbdDevice.connect(socket, "", List.of())) {
                content.writeTo(device);
                device.flush();
            }
            if (!server.waitFor(TOOL_SECONDS_MAX, TimeUnit.SECONDS)) {
                throw new IOException("qemu-nbd did not close " + overlay + " within " + TOOL_SECONDS_MAX + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + overlay + " was filled", e);
        } finally {
            server.destroyForcibly();
            Files.deleteIfExists(pidFile);
            FolderTree.delete(folder);
        }
        force(overlay);
    }

    /** The server writes its process id when it listens. */
    private static void awaitListening(Process server, Path pidFile, Path output)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TOOL_SECONDS_MAX);
        while (!Files.exists(pidFile)) {
            if (server.waitFor(2, TimeUnit.MILLISECONDS)) {
                throw new IOException("qemu-nbd ended with " + server.exitValue() + ": "
                        + Files.readString(output).strip());
            }
            if (System.nanoTime() > deadline) {
                throw new IOException("qemu-nbd did not listen within " + TOOL_SECONDS_MAX + " s");
            }
        }
    }

    /** Ends the server that an interrupted {@link #fill} left for an image of this folder. */
    static void reap(Path folder) throws IOException {
        Path pidFile = folder.resolve(PID_FILE);
        Optional<ProcessHandle> server = server(pidFile);
        server.filter(process -> isServerOf(process, pidFile)).ifPresent(ProcessHandle::destroyForcibly);
        Files.deleteIfExists(pidFile);
    }

    private static boolean isServerOf(ProcessHandle process, Path pidFile) {
        try {
            Path commandLine = Path.of("/proc", Long.toString(process.pid()), "cmdline");
            return Files.readString(commandLine, StandardCharsets.UTF_8).contains(pidFile.toAbsolutePath().toString());
        } catch (IOException gone) {
            return false;
        }
    }

    private static Optional<ProcessHandle> server(Path pidFile) throws IOException {
        if (!Files.exists(pidFile)) {
            return Optional.empty();
        }
        String text = Files.readString(pidFile).strip();
        return text.matches("\\d{1,10}") ? ProcessHandle.of(Long.parseLong(text)) : Optional.empty();
    }

    private static void force(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void run(List<String> command) throws IOException {
        HostProgram.Answer answer = HostProgram.run(Duration.ofSeconds(TOOL_SECONDS_MAX), command);
        if (!answer.succeeded()) {
            throw new IOException(String.join(" ", command) + " failed: " + answer.words());
        }
    }

    /** What to write into an overlay. */
    @FunctionalInterface
    interface Content {
        void writeTo(BlockDevice device) throws IOException;
    }
}
