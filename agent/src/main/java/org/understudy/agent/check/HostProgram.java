package org.understudy.agent.check;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A program of the host that is asked one question: its words and what it said, within ten seconds. */
final class HostProgram {
    private static final int SECONDS_MAX = 10;

    private HostProgram() {}

    /** What it printed, and how it ended. */
    record Answer(int code, String text) {}

    /** Runs it with this input; empty when it is not there or does not answer in time. */
    static Optional<Answer> ask(String input, List<String> command) {
        try {
            return answer(input, new ProcessBuilder(command).redirectErrorStream(true).start());
        } catch (IOException absent) {
            return Optional.empty();
        }
    }

    static Optional<Answer> ask(String... command) {
        return ask("", List.of(command));
    }

    /** Whether a program of this name is on the path. */
    static boolean isThere(String program) {
        return Stream.of(Optional.ofNullable(System.getenv("PATH")).orElse("/usr/bin:/bin").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder.isEmpty() ? "." : folder, program)));
    }

    private static Optional<Answer> answer(String input, Process process) throws IOException {
        CompletableFuture<String> text = new CompletableFuture<>();
        Thread.ofVirtual().name("answer").start(() -> read(process, text));
        try {
            tell(input, process);
            return process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)
                    ? Optional.of(new Answer(process.exitValue(), text.join())) : Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (CompletionException unreadable) {
            return Optional.empty();
        } finally {
            process.destroyForcibly();
        }
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

    private static void read(Process process, CompletableFuture<String> text) {
        try {
            text.complete(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            text.completeExceptionally(e);
        }
    }
}
