package org.understudy.lab.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.understudy.lab.Lab;
import org.understudy.lab.LabHost;

/** The logs of a demo that failed, copied to where they survive its clean-up. */
final class FailureLogs {
    private FailureLogs() {
    }

    /** Copies the logs of vault and agents and those of each host's libvirt; answers the folder. */
    static Path copy(Lab lab, DemoFolder demo) throws IOException {
        Path copies = Files.createTempDirectory(Path.of("/tmp"), "understudy-demo-logs-");
        copyFolder(demo.logs(), copies);
        List<LabHost> hosts = lab.hosts();
        for (LabHost host : hosts) {
            copyFolder(host.logs(), copies.resolve(host.name()));
        }
        return copies;
    }

    private static void copyFolder(Path from, Path to) throws IOException {
        if (!Files.isDirectory(from)) {
            return;
        }
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        } catch (UncheckedIOException unreadable) {
            throw unreadable.getCause();
        }
    }
}
