package org.understudy.bench;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.understudy.lab.Lab;

/** Runs shell scripts inside one host of the lab, in a folder of their own, and tells what they took. One thread. */
final class HostShell {
    private static final int LINES_TOLD = 20;
    private static final int SCRIPT_TOLD = 100;

    private final Lab lab;
    private final String host;
    private final Path folder;
    private final Path log;

    /**
     * Makes the folder.
     *
     * @param folder where the scripts run, as the host sees it
     * @param log of this machine, for what they print
     */
    HostShell(Lab lab, String host, Path folder, Path log) throws IOException {
        this.lab = lab;
        this.host = host;
        this.folder = folder;
        this.log = log;
        Files.createDirectories(outside());
    }

    /** The folder as the host sees it. */
    Path folder() {
        return folder;
    }

    /** The folder as this machine sees it. */
    Path outside() throws IOException {
        return lab.host(host).outside(folder);
    }

    /**
     * How long a script took.
     *
     * @param cpuSeconds processor time of the script's commands, in user and system mode
     */
    record Took(double seconds, double cpuSeconds) {
        private static final double TICKS_PER_SECOND = 100;

        private static Took of(String nanosAndTicks) {
            String[] numbers = nanosAndTicks.strip().split("\\s+");
            return new Took(Long.parseLong(numbers[0]) / 1e9,
                    (Long.parseLong(numbers[1]) + Long.parseLong(numbers[2])) / TICKS_PER_SECOND);
        }
    }

    /** Runs a script; the time is taken inside, so entering the host is no part of it. */
    Took run(String script) throws IOException {
        Path time = Files.createTempFile(log.getParent(), "time", "");
        try {
            // Fields 16 and 17 are the processor time of the children that ended.
            String timed = ("set -e; cd '%1$s'; began=$(date +%%s%%N); %2$s; "
                    + "echo $(($(date +%%s%%N) - began)) $(cut -d ' ' -f 16,17 /proc/$$/stat) > '%3$s'")
                    .formatted(folder, script, time);
            Process process = lab.exec(host, "bash", "-c", timed)
                    .redirectErrorStream(true)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            awaitSuccess(process, script);
            return Took.of(Files.readString(time));
        } finally {
            Files.delete(time);
        }
    }

    private void awaitSuccess(Process process, String script) throws IOException {
        try {
            int status = process.waitFor();
            if (status != 0) {
                List<String> lines = new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines().toList();
                List<String> last = lines.subList(Math.max(0, lines.size() - LINES_TOLD), lines.size());
                throw new IOException("at %s, status %d of: %s%n  %s".formatted(
                        host, status, brief(script), String.join(System.lineSeparator() + "  ", last)));
            }
        } catch (InterruptedException interrupted) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted during " + brief(script));
        }
    }

    private static String brief(String script) {
        return script.length() <= SCRIPT_TOLD ? script : script.substring(0, SCRIPT_TOLD) + " ...";
    }
}
