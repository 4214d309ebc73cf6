package org.understudy.acceptance;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A program of the machine, run to its end. */
final class Program {
    private Program() {}

    /** What it printed; one that fails is an exception with what it said. */
    static String output(String... command) throws IOException {
        return output(new ProcessBuilder(command));
    }

    /** The same for a prepared command, inside a host of a lab for one. */
    static String output(ProcessBuilder builder) throws IOException {
        Process process = builder.redirectErrorStream(true).start();
        try {
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int status = process.waitFor();
            if (status != 0) {
                throw new IOException("%s ended with status %d: %s".formatted(
                        String.join(" ", builder.command()), status, said.strip()));
            }
            return said;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted during " + builder.command().getFirst());
        } finally {
            process.destroy();
        }
    }

    /** The lines it printed that say anything. */
    static List<String> lines(ProcessBuilder builder) throws IOException {
        return output(builder).lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    }
}
