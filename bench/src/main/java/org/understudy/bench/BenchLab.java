package org.understudy.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;
import org.understudy.lab.Lab;
import org.understudy.lab.ScratchFolder;
import org.understudy.lab.deployment.Deployment;
import org.understudy.model.ByteCount;

/** A lab of two hosts for one run: up for as long as something is measured in it, and nothing is left of it. */
final class BenchLab {
    private BenchLab() {}

    /** What is done in it. */
    @FunctionalInterface
    interface Work<T> {
        /**
         * Measures.
         *
         * @param home the root of the repository
         * @param folder for data and logs, deleted afterwards
         */
        T in(Lab lab, Path home, Path folder) throws IOException;
    }

    /** Refuses a lab that is up; after a failure the processes' logs are kept, and it is said where. */
    static <T> T during(String name, ByteCount storage, Progress told, Work<T> work) throws IOException {
        Path home = Path.of(System.getProperty("understudy.home", "")).toAbsolutePath();
        Lab lab = Lab.named(name, home);
        if (lab.isUp()) {
            throw new IOException("the lab " + name + " is up and may be in use; name another by --lab");
        }
        Path folder = Files.createTempDirectory("understudy-bench");
        try {
            lab.up(Deployment.HOSTS.size(), storage);
            return work.in(lab, home, folder);
        } catch (IOException | RuntimeException failed) {
            told.tell("failed; what the processes said is in " + keepLogs(folder));
            throw failed;
        } finally {
            // Ctrl-C came as an interrupt, which would end the taking down as well.
            boolean interrupted = Thread.interrupted();
            lab.down();
            ScratchFolder.delete(folder);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The processes' logs, outside of the folder that is deleted. */
    private static Path keepLogs(Path folder) throws IOException {
        Path kept = Files.createTempDirectory("understudy-bench-logs");
        copyLogs(folder, kept);
        return kept;
    }

    static void copyLogs(Path folder, Path kept) {
        try (Stream<Path> files = Files.walk(folder, 2)) {
            Files.createDirectories(kept);
            for (Path log : files.filter(file -> file.toString().endsWith(".log")).toList()) {
                Files.copy(log, kept.resolve(log.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the logs could not be kept in " + kept, e);
        }
    }
}
