package org.understudy.vault.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.model.FailureException;
import org.understudy.workflow.sql.Database;

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

    @Test
    void usesADatabaseThatSomebodyElseKeeps() throws IOException {
        try (VaultDatabase vault = VaultDatabase.open(TestDatabase.fresh())) {
            assertThat(vault.isEmbedded()).isFalse();
            assertThat(vault.database().query("select count(*) as hosts from host", row -> row.number("hosts")))
                    .containsExactly(0L);
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
