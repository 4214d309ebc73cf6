package org.understudy.vault.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.vault.main.Awaiting;
import org.understudy.workflow.sql.Database;
import org.understudy.workflow.sql.DatabaseException;

/** What the vault's own PostgreSQL promises. */
class VaultDatabaseTest {
    @TempDir
    Path folder;

    private VaultDatabase open() throws IOException {
        return VaultDatabase.open(config());
    }

    private DatabaseConfig.Embedded config() {
        return new DatabaseConfig.Embedded(folder, TestDatabase.PROGRAMS);
    }

    private static List<String> names(Database database) {
        return database.query("select name from kept order by name", row -> row.text("name"));
    }

    @Tag("slow")
    @Test
    void keepsWhatItAcknowledgedAndSaysThatItForcesItToDisk() throws IOException {
        try (VaultDatabase first = open()) {
            DatabaseFacts facts = DatabaseFacts.of(first.database());
            assertThat(facts.fsync()).isEqualTo("on");
            assertThat(facts.synchronousCommit()).isEqualTo("on");
            assertThat(facts.fullPageWrites()).isEqualTo("on");
            first.database().update("create table kept (name text)");
            first.database().update("insert into kept values ('stockholm')");
        }
        String port = Files.readString(folder.resolve("postgres.port"));
        try (VaultDatabase second = open()) {
            assertThat(names(second.database())).containsExactly("stockholm");
            assertThat(Files.readString(folder.resolve("postgres.port"))).isEqualTo(port);
        }
        assertThat(serversOf(folder)).isEmpty();
    }

    @Tag("slow")
    @Test
    void usesADatabaseThatSomebodyElseKeeps() throws IOException {
        try (VaultDatabase vault = VaultDatabase.open(TestDatabase.fresh())) {
            assertThat(vault.isEmbedded()).isFalse();
            assertThat(vault.database().query("select count(*) as hosts from host", row -> row.number("hosts")))
                    .containsExactly(0L);
        }
    }

    /** A restart of the server ends the session that holds the lock, and with it the lock. */
    @Tag("slow")
    @Test
    void isAloneAgainAfterTheServerOfTheDatabaseWasRestarted() throws Exception {
        DatabaseConfig.External config = (DatabaseConfig.External) TestDatabase.fresh();
        try (VaultDatabase vault = VaultDatabase.open(config)) {
            try (Connection admin = connect(config)) {
                endSessionsBut(admin, 0);
            }
            Awaiting.until(() -> isUsable(vault), usable -> usable);
            assertThatThrownBy(() -> VaultDatabase.open(config)).isInstanceOfSatisfying(FailureException.class,
                    e -> assertThat(e.failure().code()).isEqualTo(FailureCode.IN_USE));
        }
        VaultDatabase.open(config).close();
    }

    /** It took the lock in the moment in which the server let it go. */
    @Tag("slow")
    @Test
    void writesNothingMoreOnceAnotherVaultHasTheDatabase() throws Exception {
        DatabaseConfig.External config = (DatabaseConfig.External) TestDatabase.fresh();
        CountDownLatch lost = new CountDownLatch(1);
        try (VaultDatabase first = VaultDatabase.open(config);
                Connection admin = connect(config); Connection other = connect(config)) {
            first.onLost(lost::countDown);
            int another = (int) number(other, "select pg_backend_pid()");
            CompletableFuture<Long> takes = CompletableFuture.supplyAsync(() -> number(other,
                    "select 1 from pg_advisory_lock(" + 0x756e6473746479L + ")"));
            Awaiting.until(() -> number(admin, "select count(*) from pg_locks where not granted and pid = " + another),
                    waiting -> waiting == 1);
            endSessionsBut(admin, another);
            takes.get(30, TimeUnit.SECONDS);
            assertThat(isUsable(first)).isFalse();
            assertThat(lost.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(isUsable(first)).isFalse();
        }
    }

    private static Connection connect(DatabaseConfig.External config) throws IOException, SQLException {
        return DriverManager.getConnection(config.url(), config.user(), SecretFile.read(config.passwordFile()));
    }

    private static void endSessionsBut(Connection admin, int process) {
        number(admin, "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database()"
                + " and pid <> pg_backend_pid() and pid <> " + process);
    }

    private static long number(Connection session, String query) {
        try (Statement statement = session.createStatement(); ResultSet result = statement.executeQuery(query)) {
            result.next();
            return result.getLong(1);
        } catch (SQLException e) {
            throw new AssertionError(query, e);
        }
    }

    private static boolean isUsable(VaultDatabase vault) {
        try {
            vault.database().query("select 1 as one", row -> row.integer("one"));
            return true;
        } catch (DatabaseException e) {
            return false;
        }
    }

    @Tag("slow")
    @Test
    void letsNobodyInWithoutThePasswordThatItsOwnerAloneCanRead() throws IOException {
        try (VaultDatabase database = open()) {
            assertThatThrownBy(() -> DriverManager.getConnection(database.address(), "understudy", "guess"))
                    .isInstanceOf(SQLException.class).hasMessageContaining("password");
            assertThat(PosixFilePermissions.toString(
                    Files.getPosixFilePermissions(folder.resolve("postgres.password")))).isEqualTo("rw-------");
        }
    }

    @Tag("slow")
    @Test
    void takesAwayWhatAKilledServerLeft() throws IOException, InterruptedException {
        try (VaultDatabase first = open()) {
            first.database().update("create table kept (name text)");
            first.database().update("insert into kept values ('amsterdam')");
            ProcessHandle server = serversOf(folder).getFirst();
            assertThat(new ProcessBuilder("kill", "-9", Long.toString(server.pid())).start()
                    .waitFor(5, TimeUnit.SECONDS)).isTrue();
            server.onExit().join();
        }
        try (VaultDatabase second = open()) {
            assertThat(names(second.database())).containsExactly("amsterdam");
        }
    }

    @Tag("slow")
    @Test
    void shutsAnOrphanDownBeforeItStartsOnTheSameFiles() throws IOException {
        EmbeddedDatabase orphan = EmbeddedDatabase.start(config());
        ProcessHandle server = serversOf(folder).getFirst();
        try (VaultDatabase second = open()) {
            assertThat(server.isAlive()).isFalse();
            assertThat(serversOf(folder)).hasSize(1);
            assertThat(DatabaseFacts.of(second.database()).fsync()).isEqualTo("on");
        }
        orphan.close();
    }

    @Tag("slow")
    @Test
    void aProcessIdThatNowBelongsToAnotherProgramIsNotInTheWay() throws IOException {
        open().close();
        long mine = ProcessHandle.current().pid();
        Files.writeString(folder.resolve("postgres/postmaster.pid"), mine + "\n" + folder.resolve("postgres") + "\n");
        open().close();
    }

    @Tag("slow")
    @Test
    void anEarlierServersProcessOnTheFilesIsSeenAlsoWhenItsIdIsAnotherProgramsNow() throws Exception {
        long backend;
        try (VaultDatabase first = open()) {
            backend = first.database().first("select pg_backend_pid() as pid", row -> row.integer("pid")).orElseThrow();
            ProcessHandle server = serversOf(folder).getFirst();
            // One that does not notice that its server is gone.
            signal("-STOP", backend);
            signal("-9", server.pid());
            server.onExit().join();
        }
        Path pidFile = folder.resolve("postgres/postmaster.pid");
        List<String> lines = new ArrayList<>(Files.readAllLines(pidFile));
        lines.set(0, Long.toString(ProcessHandle.current().pid()));
        Files.write(pidFile, lines);
        try {
            assertThatThrownBy(this::open).hasMessageContaining("shared memory");
        } finally {
            signal("-9", backend);
        }
        Awaiting.until(() -> ProcessHandle.of(backend).isEmpty(), gone -> gone);
        open().close();
    }

    private static void signal(String signal, long process) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", signal, Long.toString(process)).start().waitFor(5, TimeUnit.SECONDS))
                .isTrue();
    }

    @Tag("slow")
    @Test
    void aDatabaseOfOthersBelongsToOneVaultAtATime() throws IOException {
        DatabaseConfig shared = TestDatabase.fresh();
        VaultDatabase first = VaultDatabase.open(shared);
        assertThatThrownBy(() -> VaultDatabase.open(shared)).isInstanceOfSatisfying(FailureException.class, e -> {
            assertThat(e.failure().code()).isEqualTo(FailureCode.IN_USE);
            assertThat(e.failure().message()).contains("Another vault runs in the database");
        });
        assertThat(first.database().first("select 1 as one", row -> row.integer("one"))).contains(1);
        first.close();
        VaultDatabase.open(shared).close();
    }

    @Test
    void aFolderBelongsToOneVaultAtATime() throws IOException {
        DataFolder first = DataFolder.open(folder.resolve("data"));
        assertThatThrownBy(() -> DataFolder.open(folder.resolve("data")))
                .isInstanceOf(FailureException.class).hasMessageContaining("another vault");
        first.close();
        DataFolder.open(folder.resolve("data")).close();
    }

    private static List<ProcessHandle> serversOf(Path folder) {
        String data = folder.resolve("postgres").toAbsolutePath().toString();
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().command().orElse("").endsWith("/postgres"))
                .filter(process -> Arrays.asList(process.info().arguments().orElse(new String[0])).contains(data))
                .toList();
    }
}
