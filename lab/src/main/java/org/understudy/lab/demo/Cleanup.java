package org.understudy.lab.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.understudy.lab.Lab;
import org.understudy.lab.deployment.Await;

/**
 * The end of a demo, from any state and also of one that was killed: processes, lab, folder. What there is to end is
 * found, not remembered. Done twice it does nothing the second time.
 */
final class Cleanup {
    private static final Duration IN_ORDER = Duration.ofSeconds(30);
    private static final Duration BY_FORCE = Duration.ofSeconds(10);
    /** A further Ctrl-C reaches the lab's script as well and ends it half-way. */
    private static final int TRIES = 4;

    private final Lab lab;
    private final DemoFolder folder;

    Cleanup(Lab lab, DemoFolder folder) {
        this.lab = lab;
        this.folder = folder;
    }

    /** Removes everything; answers what is left nevertheless, which should be nothing. */
    List<String> run() throws IOException {
        if (!folder.exists()) {
            return List.of();
        }
        endProcesses();
        lowerLab();
        folder.delete();
        return left();
    }

    /** The vault ends its database; the shell around that is not to be asked first. */
    private void endProcesses() throws IOException {
        folder.processes().stream().filter(Cleanup::isJava).forEach(ProcessHandle::destroy);
        try {
            Await.atMost(IN_ORDER).untilTrue("the vault to end", () -> folder.processes().isEmpty());
        } catch (IOException stillThere) {
            folder.processes().forEach(ProcessHandle::destroyForcibly);
            Await.atMost(BY_FORCE).untilTrue("the vault's processes to die", () -> folder.processes().isEmpty());
        }
    }

    private void lowerLab() throws IOException {
        for (int tries = 1;; tries++) {
            try {
                lab.down();
                return;
            } catch (IOException failed) {
                if (tries == TRIES) {
                    throw failed;
                }
            }
        }
    }

    private List<String> left() throws IOException {
        List<String> left = new ArrayList<>();
        folder.processes().forEach(process -> left.add("process " + process.pid()));
        if (folder.exists()) {
            left.add("folder " + folder.path());
        }
        if (!lab.isDown()) {
            left.add("the lab " + lab.name());
        }
        Path namespaces = Path.of("/run/netns");
        if (Files.isDirectory(namespaces)) {
            try (Stream<Path> all = Files.list(namespaces)) {
                all.map(path -> path.getFileName().toString())
                        .filter(name -> name.startsWith(lab.name() + "-"))
                        .forEach(name -> left.add("network namespace " + name));
            }
        }
        return left;
    }

    private static boolean isJava(ProcessHandle process) {
        return process.info().command().filter(command -> command.endsWith("/java")).isPresent();
    }
}
