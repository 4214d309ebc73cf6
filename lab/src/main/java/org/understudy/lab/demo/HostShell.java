package org.understudy.lab.demo;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import org.understudy.lab.Lab;

/** Short commands inside the hosts of a lab, as a person would type them there; a killed host still has its disks. */
record HostShell(Lab lab) {
    /** What it printed; a command that fails is an exception with that. */
    String run(String host, String... command) throws IOException {
        Process process = lab.exec(host, command).redirectErrorStream(true).start();
        try {
            process.getOutputStream().close();
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int status = process.waitFor();
            if (status != 0) {
                throw new IOException("%s at %s ended with status %d: %s".formatted(
                        String.join(" ", command), host, status, printed.strip()));
            }
            return printed;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted during " + command[0] + " at " + host);
        } finally {
            process.destroy();
        }
    }
}
