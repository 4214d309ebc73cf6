package org.understudy.disk;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * A program of the host that is run to its end: its words are read while it runs, and it is killed when its time is
 * over. It speaks English in UTF-8, whatever the host's locale. For many threads.
 */
public final class HostProgram {
    private HostProgram() {}

    /**
     * How a program ended.
     *
     * @param code its exit code, 0 for success
     * @param output what it printed
     * @param complaint what it printed as its errors
     */
    public record Answer(int code, String output, String complaint) {
        public boolean succeeded() {
            return code == 0;
        }

        /** All that it said, without the white space around it. */
        public String words() {
            return (output + complaint).strip();
        }
    }

    /** Runs it without input. */
    public static Answer run(Duration patience, List<String> command) throws IOException {
        return run(patience, "", command);
    }

    /**
     * Runs it with this input.
     *
     * @param patience from its start to the end of its words
     * @throws IOException when it is not there or was killed for its time; the message begins with its name
     */
    public static Answer run(Duration patience, String input, List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("LC_ALL", "C.UTF-8");
        String name = command.getFirst();
        Process process;
        try {
            process = builder.start();
        } catch (IOException absent) {
            throw new IOException(name + " could not be run: " + absent.getMessage(), absent);
        }
        long end = System.nanoTime() + patience.toNanos();
        try {
            FutureTask<String> output = reading(process.getInputStream());
            FutureTask<String> complaint = reading(process.getErrorStream());
            tell(input, process);
            if (!process.waitFor(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                throw late(name, patience);
            }
            return new Answer(process.exitValue(), before(end, output), before(end, complaint));
        } catch (TimeoutException held) {
            throw late(name, patience); // What it started itself still holds its output.
        } catch (ExecutionException unreadable) {
            throw new IOException(name + " could not be read: " + unreadable.getCause().getMessage(), unreadable);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(name + " was interrupted: this process is stopping");
        } finally {
            process.destroyForcibly();
        }
    }

    /** Runs it; empty when it is not there or does not answer in time. */
    public static Optional<Answer> ask(Duration patience, String input, List<String> command) {
        try {
            return Optional.of(run(patience, input, command));
        } catch (IOException silent) {
            return Optional.empty();
        }
    }

    /** The same without input. */
    public static Optional<Answer> ask(Duration patience, String... command) {
        return ask(patience, "", List.of(command));
    }

    /** Whether a program of this name is on the path. */
    public static boolean isThere(String program) {
        return Stream.of(Optional.ofNullable(System.getenv("PATH")).orElse("/usr/bin:/bin").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder.isEmpty() ? "." : folder, program)));
    }

    private static FutureTask<String> reading(InputStream stream) {
        FutureTask<String> reading = new FutureTask<>(
                () -> new String(stream.readAllBytes(), StandardCharsets.UTF_8));
        Thread.ofVirtual().name("program-words").start(reading);
        return reading;
    }

    private static String before(long end, FutureTask<String> reading)
            throws InterruptedException, ExecutionException, TimeoutException {
        return reading.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    /** A program that does not want to know has ended or answers all the same. */
    private static void tell(String input, Process process) throws IOException {
        try (OutputStream in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException closed) {
            if (process.isAlive() && !input.isEmpty()) {
                throw closed;
            }
        }
    }

    private static IOException late(String name, Duration patience) {
        return new IOException(name + " did not end within " + patience.toSeconds() + " s");
    }
}
