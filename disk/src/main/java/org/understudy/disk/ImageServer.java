package org.understudy.disk;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A {@code qemu-nbd} that serves one image at a unix socket until it is closed. It ends with this process too, however
 * that dies: a shell between the two waits for the end of its input and then ends the server.
 *
 * <p>Memory: about 20 MiB. One thread opens and closes; errors of the image are what the server said, at the start.
 */
public final class ImageServer implements AutoCloseable {
    /** It answers in milliseconds; on a loaded host, or of a disk that has to wake up, in seconds. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** {@code --fork} returns when the server listens, and with its complaint when it does not. */
    private static final String SCRIPT = """
            qemu-nbd --fork --pid-file="$0" "$@" || exit 1
            echo
            read -r _
            kill "$(cat "$0")"
            """;

    private final Path socket;
    private final Path pidFile;
    private final Process shell;

    private ImageServer(Path socket, Path pidFile, Process shell) {
        this.socket = socket;
        this.pidFile = pidFile;
        this.shell = shell;
    }

    /**
     * Serves an image, for as many connections as come.
     *
     * @param socket a path that nothing had before: a server that ends slowly removes it late
     * @param options of {@code qemu-nbd}, with the image as the last
     * @throws IOException when it does not start; the message has its own words
     */
    public static ImageServer start(Path socket, List<String> options) throws IOException {
        Path pidFile = socket.resolveSibling(socket.getFileName() + ".pid");
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", SCRIPT, pidFile.toString(),
                "--persistent", "--shared=0", "--socket=" + socket));
        command.addAll(options);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("LC_ALL", "C.UTF-8");
        Process shell = builder.start();
        ImageServer server = new ImageServer(socket, pidFile, shell);
        boolean listens = false;
        try {
            FutureTask<Integer> first = new FutureTask<>(() -> shell.getInputStream().read());
            Thread.ofVirtual().name("image-server").start(first);
            listens = first.get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS) >= 0;
            if (!listens) {
                throw new IOException(new String(
                        shell.getErrorStream().readAllBytes(), StandardCharsets.UTF_8).strip());
            }
            return server;
        } catch (TimeoutException e) {
            throw new IOException("qemu-nbd did not open the image within " + PATIENCE.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            throw new IOException("qemu-nbd could not be started: " + e.getCause().getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("qemu-nbd was interrupted: this process is stopping");
        } finally {
            if (!listens) {
                server.close();
            }
        }
    }

    /** A value of {@code --image-opts}, in which a comma ends one. */
    public static String escaped(Path file) {
        return file.toString().replace(",", ",,");
    }

    public Path socket() {
        return socket;
    }

    /** Tells it to end and removes its files; twice is fine. */
    @Override
    public void close() throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            shell.getOutputStream().close();
            if (!shell.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                shell.destroyForcibly();
            }
            Files.deleteIfExists(socket);
            Files.deleteIfExists(pidFile);
        } catch (InterruptedException e) {
            interrupted = true;
            shell.destroyForcibly();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
