package org.understudy.lab.deployment;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A process of the product whose output goes to the end of a file; it outlives this one unless it is ended.
 *
 * <p>It has a session of its own, so Ctrl-C in a terminal reaches only whoever started it, who then ends it in order.
 */
final class LoggedProcess {
    private static final int LINES_TOLD = 15;
    private static final Duration DEATH = Duration.ofSeconds(10);

    private final String name;
    private final Process process;
    private final Path log;

    private LoggedProcess(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
    }

    /** Starts the command as it is; the started process is that of the command. */
    static LoggedProcess start(String name, ProcessBuilder builder, Path log) throws IOException {
        Files.createDirectories(log.getParent());
        builder.environment().put(Launcher.NO_BUILD, "1");
        Process process = builder
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        return new LoggedProcess(name, process, log);
    }

    long pid() {
        return process.pid();
    }

    boolean isRunning() {
        return process.isAlive();
    }

    /** kill -9; returns when it is gone. */
    void kill() throws IOException {
        process.destroyForcibly();
        if (!ends(DEATH)) {
            throw new IOException(name + " (process " + pid() + ") does not die of kill -9");
        }
    }

    /** Asks it to end (SIGTERM); one that does not is killed and told of. */
    void stop(Duration atMost) throws IOException {
        process.destroy();
        if (!ends(atMost)) {
            kill();
            throw new IOException("%s did not end within %d s and was killed; %s".formatted(
                    name, atMost.toSeconds(), lastLines()));
        }
    }

    /** Waits for a command that ends by itself. */
    void awaitSuccess(Duration atMost) throws IOException {
        if (!ends(atMost)) {
            kill();
            throw new IOException(name + " had not ended after " + atMost.toSeconds() + " s; " + lastLines());
        }
        requireStatus(0);
    }

    /** Throws, with the end of its log, if it runs no longer. */
    void requireRunning() throws IOException {
        if (!isRunning()) {
            requireStatus(-1);
        }
    }

    private void requireStatus(int expected) throws IOException {
        if (process.exitValue() != expected) {
            throw new IOException(name + " ended with status " + process.exitValue() + "; " + lastLines());
        }
    }

    private boolean ends(Duration atMost) throws InterruptedIOException {
        try {
            return process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for the end of " + name);
        }
    }

    private String lastLines() throws IOException {
        List<String> lines = new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines().toList();
        return "the end of " + log + ":\n  "
                + String.join("\n  ", lines.subList(Math.max(0, lines.size() - LINES_TOLD), lines.size()));
    }
}
