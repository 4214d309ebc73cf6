package org.understudy.acceptance;

import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.understudy.api.PolicyRequest;
import org.understudy.lab.GuestSize;
import org.understudy.lab.Lab;
import org.understudy.lab.LabHost;
import org.understudy.lab.ScratchFolder;
import org.understudy.lab.deployment.Deployment;
import org.understudy.model.ByteCount;

/**
 * A lab with the product deployed on it and a guest, from its start to its end. Whatever an earlier run left in the lab
 * of that name is removed first. Its files, the logs too, stay in {@code target/acceptance/<name>} until the next run.
 */
final class RunningProduct implements AutoCloseable {
    static final String VM = "web01";

    private static final Duration COPY_FREQUENCY = Duration.ofSeconds(1);
    private static final Duration END = Duration.ofSeconds(60);
    private static final int LINES_PRINTED = 60;
    private static final int EMULATOR_LINES = 12;

    private final String name;
    private final Lab lab;
    private final Path folder;
    private Deployment deployment;
    private Process witness;
    private boolean spoiled;

    private RunningProduct(String name, Lab lab, Path folder) {
        this.name = name;
        this.lab = lab;
        this.folder = folder;
    }

    static RunningProduct start(String name, GuestSize size, Map<String, String> kinds) throws IOException {
        Path home = Machine.repository();
        Path folder = home.resolve("acceptance/target/acceptance").resolve(name);
        RunningProduct product = new RunningProduct(name, Lab.named("acc-" + name, home), folder);
        try {
            product.begin(home, size, kinds);
            return product;
        } catch (IOException | RuntimeException failed) {
            product.printLogs();
            product.close();
            throw failed;
        }
    }

    private void begin(Path home, GuestSize size, Map<String, String> kinds) throws IOException {
        lab.down();
        ScratchFolder.delete(folder);
        if (size.firstDisk().bytes() > ByteCount.ofGibibytes(2).bytes()) {
            lab.up(2, new ByteCount(4 * size.firstDisk().bytes()));
        } else {
            lab.up(2, kinds);
        }
        deployment = Deployment.start(
                lab, home, Files.createDirectories(folder), PolicyRequest.named("every-second", COPY_FREQUENCY));
        lab.createGuest(size, VM, Lab.STOCKHOLM);
    }

    String name() {
        return name;
    }

    Deployment deployment() {
        return deployment;
    }

    /** A process beside those of the deployment; ended with the rest, if not before. */
    void startWitness(ProcessBuilder command) throws IOException {
        File log = deployment.logs().resolve("witness.log").toFile();
        witness = command.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log)).start();
    }

    void stopWitness() throws IOException {
        if (witness == null) {
            return;
        }
        witness.destroy();
        try {
            if (!witness.waitFor(END.toSeconds(), TimeUnit.SECONDS)) {
                witness.destroyForcibly();
                throw new IOException("the agent with the witness did not end within " + END.toSeconds() + " s");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the agent with the witness ended");
        }
        witness = null;
    }

    /** Nobody else is to use it. */
    void spoil() {
        spoiled = true;
    }

    boolean isSpoiled() {
        return spoiled;
    }

    /** The ends of all logs. */
    void printLogs() throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        List<Path> logs;
        try (Stream<Path> files = Files.walk(folder)) {
            logs = files.filter(file -> file.toString().endsWith(".log")).sorted().toList();
        }
        for (Path log : logs) {
            List<String> lines = new String(Files.readAllBytes(log)).lines().toList();
            System.out.println("---- " + log);
            lines.subList(Math.max(0, lines.size() - LINES_PRINTED), lines.size()).forEach(System.out::println);
        }
        printEmulatorLogs();
    }

    /** The last words of each QEMU, which are gone with the lab. */
    private void printEmulatorLogs() throws IOException {
        for (LabHost host : lab.hosts()) {
            Path folder = host.logs().resolve("qemu");
            if (!Files.isDirectory(folder)) {
                continue;
            }
            try (Stream<Path> files = Files.list(folder)) {
                for (Path log : files.filter(file -> file.toString().endsWith(".log")).sorted().toList()) {
                    List<String> lines = new String(Files.readAllBytes(log)).lines().toList();
                    System.out.println("---- " + host.name() + ": " + log.getFileName());
                    lines.stream().skip(Math.max(0, lines.size() - EMULATOR_LINES)).forEach(System.out::println);
                }
            }
        }
    }

    /** Ends the product and its lab; the lab also when the product does not end well. */
    @Override
    public void close() throws IOException {
        try {
            stopWitness();
            if (deployment != null) {
                deployment.close();
            }
        } finally {
            lab.down();
        }
    }
}
