package org.understudy.vault.database;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL of the vault's own: one server process on one data folder, durable, reachable from this machine's
 * loopback alone and only with a password that the vault's owner alone can read.
 *
 * <p>Folder: {@code postgres/} (the database), {@code postgres.password}, {@code postgres.port}, {@code postgres-log/}.
 * The server lives as long as this process: it runs below a shell that shuts it down when the pipe from here closes, so
 * also after {@code kill -9}. Whatever is left of an earlier one is shut down before another is started; the caller
 * holds the lock of the data folder, so it cannot be that of a living vault.
 */
final class EmbeddedDatabase implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedDatabase.class);
    private static final String USER = "understudy";
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration STOP = Duration.ofSeconds(60);

    /** Larger than any that Linux gives. */
    private static final String NO_PROCESS = Integer.toString(Integer.MAX_VALUE);

    /** Runs "$@"; shuts it down fast when the pipe closes; ends when it has ended, with its exit code. */
    private static final String GUARD =
            """
            exec 3<&0
            "$@" </dev/null 3<&- &
            server=$!
            { cat <&3 >/dev/null; kill -INT $server 2>/dev/null; } &
            guard=$!
            wait $server
            code=$?
            kill $guard 2>/dev/null
            exit $code
            """;

    private final Process guard;
    private final DatabaseAddress address;

    private EmbeddedDatabase(Process guard, DatabaseAddress address) {
        this.guard = guard;
        this.address = address;
    }

    /** Starts the database, made first if there is none. Blocks until it answers. */
    static EmbeddedDatabase start(DatabaseConfig.Embedded config) throws IOException {
        Path folder = config.folder();
        PostgresBinaries binaries = PostgresBinaries.in(config.programs());
        Path data = folder.resolve("postgres").toAbsolutePath();
        Path passwordFile = folder.resolve("postgres.password");
        if (!Files.isDirectory(data)) {
            create(binaries, data, passwordFile);
        }
        stopWhatIsLeft(data);
        int port = port(folder.resolve("postgres.port"));
        Path log = folder.resolve("postgres.start.log");
        Process guard = new ProcessBuilder(serverCommand(binaries, folder, data, port))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        DatabaseAddress address = new DatabaseAddress(
                "jdbc:postgresql://127.0.0.1:" + port + "/postgres", USER, SecretFile.read(passwordFile));
        EmbeddedDatabase started = new EmbeddedDatabase(guard, address);
        try {
            started.awaitAnswer(log);
        } catch (IOException | RuntimeException e) {
            started.close();
            throw e;
        }
        LOG.info("embedded database started port={} folder={}", port, data);
        return started;
    }

    DatabaseAddress address() {
        return address;
    }

    /** Runs something when the server ends without having been asked to. */
    void onUnexpectedEnd(Runnable work) {
        guard.onExit().thenRun(work);
    }

    /** Shuts the server down: open transactions are undone, everything committed is in its files. */
    @Override
    public void close() {
        try {
            guard.getOutputStream().close();
            if (!guard.waitFor(STOP.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("embedded database did not shut down in time seconds={}", STOP.toSeconds());
            }
        } catch (IOException e) {
            LOG.warn("embedded database could not be told to shut down reason=\"{}\"", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void create(PostgresBinaries binaries, Path data, Path passwordFile) throws IOException {
        SecretFile.write(passwordFile, SecretFile.newSecret());
        Path beside = data.resolveSibling("postgres.creating");
        PostgresBinaries.delete(beside);
        List<String> command = new ArrayList<>(notAsRoot());
        command.addAll(List.of(binaries.program("initdb").toString(), "--pgdata=" + beside, "--username=" + USER,
                "--pwfile=" + passwordFile.toAbsolutePath(), "--auth=scram-sha-256", "--encoding=UTF8",
                "--locale=C"));
        Process initdb = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(initdb.getInputStream().readAllBytes());
        if (exitCode(initdb) != 0) {
            throw new IOException("initdb failed: " + said.strip());
        }
        Files.move(beside, data, StandardCopyOption.ATOMIC_MOVE);
        LOG.info("embedded database created folder={}", data);
    }

    private static List<String> serverCommand(PostgresBinaries binaries, Path folder, Path data, int port) {
        // A session of its own: Ctrl-C in the terminal reaches the vault, which closes the database last.
        List<String> command = new ArrayList<>(List.of("setsid", "sh", "-c", GUARD, "postgres-guard"));
        command.addAll(notAsRoot());
        command.addAll(List.of(binaries.program("postgres").toString(), "-D", data.toString()));
        List<String> settings = List.of(
                // What is acknowledged must survive a power cut.
                "fsync=on", "synchronous_commit=on", "full_page_writes=on",
                "listen_addresses=127.0.0.1", "unix_socket_directories=", "port=" + port,
                "password_encryption=scram-sha-256", "max_connections=50", "shared_buffers=64MB",
                "timezone=UTC", "log_timezone=UTC",
                "logging_collector=on", "log_directory=" + folder.resolve("postgres-log").toAbsolutePath(),
                "log_filename=postgresql-%a.log", "log_truncate_on_rotation=on", "log_rotation_age=1d",
                "log_rotation_size=0");
        settings.forEach(setting -> command.addAll(List.of("-c", setting)));
        return command;
    }

    /** PostgreSQL refuses to run as root; in a user namespace of its own, without rights there, it does not know. */
    private static List<String> notAsRoot() {
        return "root".equals(System.getProperty("user.name")) ? List.of("unshare", "--user") : List.of();
    }

    /** The port that was used before if it is free, so that people find it again; else another, kept from now on. */
    private static int port(Path file) throws IOException {
        try {
            int kept = Integer.parseInt(SecretFile.read(file));
            if (isFree(kept)) {
                return kept;
            }
        } catch (NoSuchFileException | NumberFormatException e) {
            LOG.debug("no port kept yet file={}", file);
        }
        // Below the ports that outgoing connections use, or one of those may take it while the vault is down.
        int port = RandomGenerator.getDefault().nextInt(20_000, 30_000);
        while (!isFree(port)) {
            port++;
        }
        SecretFile.write(file, Integer.toString(port));
        return port;
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private void awaitAnswer(Path log) throws IOException {
        long deadline = System.nanoTime() + START.toNanos();
        while (true) {
            try {
                DriverManager.getConnection(address.url(), address.user(), address.password()).close();
                return;
            } catch (SQLException e) {
                if (endsWithin(Duration.ofMillis(20)) || System.nanoTime() > deadline) {
                    throw new IOException("the embedded database does not start (%s): %s"
                            .formatted(e.getMessage(), Files.readString(log).strip()), e);
                }
            }
        }
    }

    private boolean endsWithin(Duration time) throws IOException {
        try {
            return guard.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the embedded database was starting", e);
        }
    }

    /**
     * Shuts down the server of a vault that was killed. A process id file whose process is none of ours, as after a
     * reboot that gave another program that id, would keep PostgreSQL from starting: it is made to name no process.
     * The rest of it stays, by which PostgreSQL finds that a process of the earlier server is left on the files.
     */
    private static void stopWhatIsLeft(Path data) throws IOException {
        Path pidFile = data.resolve("postmaster.pid");
        Optional<ProcessHandle> left;
        try {
            left = ProcessHandle.of(Long.parseLong(Files.readAllLines(pidFile).getFirst().strip()));
        } catch (NoSuchFileException e) {
            return;
        } catch (NumberFormatException | NoSuchElementException e) {
            throw new IOException(pidFile + " names no process; see that none serves " + data + " and delete it", e);
        }
        if (left.isEmpty()) {
            return;
        }
        if (!serves(left.get(), data)) {
            LOG.info("process id of another program taken out of the database's file pid={}", left.get().pid());
            List<String> lines = new ArrayList<>(Files.readAllLines(pidFile));
            lines.set(0, NO_PROCESS);
            Files.write(pidFile, lines);
            return;
        }
        LOG.warn("embedded database of a killed vault is being shut down pid={}", left.get().pid());
        exitCode(new ProcessBuilder("kill", "-INT", Long.toString(left.get().pid())).start());
        try {
            left.get().onExit().get(STOP.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | CompletionException | TimeoutException e) {
            throw new IOException("process " + left.get().pid() + " still serves " + data + "; end it first", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while an earlier database was shutting down", e);
        }
    }

    private static boolean serves(ProcessHandle process, Path data) throws IOException {
        try {
            List<String> arguments = List.of(
                    Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline")).split("\0"));
            return arguments.contains(data.toString()) && arguments.getFirst().endsWith("/postgres");
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static int exitCode(Process process) throws IOException {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroy();
            throw new IOException("interrupted while a program of the database ran", e);
        }
    }
}
