package org.understudy.acceptance;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.understudy.lab.Lab;

/**
 * A command of the product as a person types it, run to its end.
 *
 * @param said both of its outputs
 */
record ProductCommand(int status, String said) {
    private static final int SECONDS_MAX = 90;

    /** Runs {@code understudy} with these words on this machine. */
    static ProductCommand run(String... words) throws IOException {
        return run(new ProcessBuilder(line(words)));
    }

    /** The same inside a host of a lab. */
    static ProductCommand at(Lab lab, String host, String... words) throws IOException {
        return run(lab.exec(host, line(words).toArray(String[]::new)));
    }

    /** The words of a command of the product, as they are started. */
    static List<String> line(String... words) {
        List<String> line = new ArrayList<>(List.of(
                "env", "UNDERSTUDY_NO_BUILD=1", Machine.repository().resolve("understudy").toString()));
        line.addAll(List.of(words));
        return line;
    }

    private static ProductCommand run(ProcessBuilder builder) throws IOException {
        Process process = builder.redirectErrorStream(true).start();
        try {
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
                throw new IOException(String.join(" ", builder.command()) + " did not end; it said " + said);
            }
            return new ProductCommand(process.exitValue(), said);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted during " + String.join(" ", builder.command()));
        } finally {
            process.destroyForcibly();
        }
    }
}
