package org.understudy.replica;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.understudy.disk.BlockDevice;
import org.understudy.disk.Folders;
import org.understudy.model.ByteCount;
import org.understudy.model.Extent;
import org.understudy.nbd.BlockStatus;
import org.understudy.nbd.NbdDevice;

/**
 * A disk image of any format that QEMU knows, opened to read and write by a {@code qemu-nbd} of this process: one
 * server for one image, on a unix socket in a folder of this process's user alone. While it is open QEMU's lock keeps
 * every VM and tool from it. The server ends with our connection, and so with this process, however that ends.
 *
 * <p>Zeroes are given back to the storage as holes; {@link #flush} makes durable what was written, the image's own
 * lists too. Threads and errors as {@link NbdDevice}: after the server died every call fails.
 */
final class ImageDevice implements BlockDevice {
    private static final long PATIENCE_SECONDS = 60;

    private final Path image;
    private final Path folder;
    private final Path pidFile;
    private final Process server;
    private final NbdDevice device;
    private boolean closed;

    private ImageDevice(Path image, Path folder, Path pidFile, Process server, NbdDevice device) {
        this.image = image;
        this.folder = folder;
        this.pidFile = pidFile;
        this.server = server;
        this.device = device;
    }

    /**
     * Opens an image.
     *
     * @param format QEMU's word; it is never guessed from what the image holds
     * @param pidFile where the server's number stands while it runs, so that {@link #reap} finds one that was left
     * @throws IOException also when a VM or a tool has the image open: then nothing of it was changed
     */
    static ImageDevice open(Path image, String format, Path pidFile) throws IOException {
        reap(pidFile);
        Path folder = Folders.temporary("understudy-nbd");
        Path socket = folder.resolve("s");
        Path output = folder.resolve("output");
        // Without --persistent the server ends with our connection, and by that has let go of the image.
        Process server = new ProcessBuilder(List.of("qemu-nbd", "--pid-file=" + pidFile.toAbsolutePath(),
                "--format=" + format, "--cache=writeback", "--aio=threads", "--discard=unmap", "--socket=" + socket,
                image.toAbsolutePath().toString())).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        try {
            awaitListening(server, pidFile, output);
            return new ImageDevice(image, folder, pidFile, server,
                    NbdDevice.connect(socket, "", List.of(BlockStatus.BASE_ALLOCATION)));
        } catch (IOException | RuntimeException e) {
            forget(server, pidFile, folder);
            throw e;
        }
    }

    /** The server writes its process id when it listens. */
    private static void awaitListening(Process server, Path pidFile, Path output) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        try {
            while (!Files.exists(pidFile)) {
                if (server.waitFor(2, TimeUnit.MILLISECONDS)) {
                    throw new IOException("qemu-nbd ended with " + server.exitValue() + ": "
                            + Files.readString(output).strip());
                }
                if (System.nanoTime() > deadline) {
                    throw new IOException("qemu-nbd did not listen within " + PATIENCE_SECONDS + " s");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while qemu-nbd was started", e);
        }
    }

    private static void forget(Process server, Path pidFile, Path folder) throws IOException {
        server.destroyForcibly();
        Files.deleteIfExists(pidFile);
        FolderTree.delete(folder);
    }

    /** Ends the server that a process left which was killed before it connected; there need not be one. */
    static void reap(Path pidFile) throws IOException {
        left(pidFile).filter(process -> isServerOf(process, pidFile)).ifPresent(ProcessHandle::destroyForcibly);
        Files.deleteIfExists(pidFile);
    }

    private static Optional<ProcessHandle> left(Path pidFile) throws IOException {
        if (!Files.exists(pidFile)) {
            return Optional.empty();
        }
        String text = Files.readString(pidFile).strip();
        return text.matches("\\d{1,10}") ? ProcessHandle.of(Long.parseLong(text)) : Optional.empty();
    }

    private static boolean isServerOf(ProcessHandle process, Path pidFile) {
        try {
            Path commandLine = Path.of("/proc", Long.toString(process.pid()), "cmdline");
            return Files.readString(commandLine, StandardCharsets.UTF_8).contains(pidFile.toAbsolutePath().toString());
        } catch (IOException gone) {
            return false;
        }
    }

    @Override
    public ByteCount size() {
        return device.size();
    }

    @Override
    public void read(long offset, ByteBuffer target) throws IOException {
        device.read(offset, target);
    }

    @Override
    public void write(long offset, ByteBuffer source) throws IOException {
        device.write(offset, source);
    }

    @Override
    public void zero(Extent extent) throws IOException {
        device.zero(extent);
    }

    @Override
    public List<Extent> allocated(Extent within) throws IOException {
        return device.allocated(within);
    }

    @Override
    public void flush() throws IOException {
        device.flush();
    }

    /** Returns when the server is gone and the image is free. */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            device.close();
            if (!server.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("qemu-nbd did not close " + image + " within " + PATIENCE_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + image + " was closed", e);
        } finally {
            forget(server, pidFile, folder);
        }
    }

    @Override
    public String toString() {
        return image.toString();
    }
}
