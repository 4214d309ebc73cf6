package org.understudy.vault.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.understudy.vault.main.Refusals.assertRefused;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.model.FailureCode;
import org.understudy.vault.database.DatabaseConfig;
import org.understudy.vault.database.TestDatabase;

/** What a vault's folder has lost is named, and never made anew. */
@Tag("slow")
class LostFilesTest {
    @TempDir
    Path folder;
    private Path data;

    @BeforeEach
    void makeFolder() throws IOException {
        data = Files.createDirectory(folder.resolve("vault"));
    }

    private Vault start(DatabaseConfig database) throws IOException {
        return Vault.start(new VaultConfig(data, new InetSocketAddress("127.0.0.1", 0), List.of(), Optional.empty(),
                database), new MovableClock());
    }

    private void lose(String name) throws IOException {
        Files.move(data.resolve(name), data.resolveSibling("lost-" + name));
    }

    private void findAgain(String name) throws IOException {
        Files.move(data.resolveSibling("lost-" + name), data.resolve(name));
    }

    @Test
    void aLostAuthorityIsNotFoundedAnewAndItsKeyStays() throws IOException {
        DatabaseConfig database = TestDatabase.fresh();
        start(database).close();
        String key = Files.readString(data.resolve("authority.key"));
        for (String lost : List.of("authority.pem", "authority.key")) {
            lose(lost);
            assertRefused(FailureCode.VAULT_FOLDER_INCOMPLETE, "[" + lost + "] is missing", () -> start(database));
            findAgain(lost);
            assertThat(Files.readString(data.resolve("authority.key"))).isEqualTo(key);
        }
        start(database).close();
    }

    @Test
    void aDatabaseThatIsNotMountedIsNotMadeAnew() throws IOException {
        DatabaseConfig embedded = new DatabaseConfig.Embedded(data, TestDatabase.PROGRAMS);
        start(embedded).close();
        lose("postgres");
        assertRefused(FailureCode.VAULT_FOLDER_INCOMPLETE, "[postgres] is missing", () -> start(embedded));
        assertThat(data.resolve("postgres")).doesNotExist();
        findAgain("postgres");
        start(embedded).close();
    }

    @Test
    void anotherVaultsDatabaseIsRefusedAndSoIsAnEmptyOne() throws IOException {
        DatabaseConfig mine = TestDatabase.fresh();
        start(mine).close();
        assertRefused(FailureCode.VAULT_FOLDER_INCOMPLETE, "the database has none",
                () -> start(TestDatabase.fresh()));
        Path elsewhere = data.resolveSibling("elsewhere");
        DatabaseConfig others = TestDatabase.fresh();
        Vault.start(new VaultConfig(elsewhere, new InetSocketAddress("127.0.0.1", 0), List.of(), Optional.empty(),
                others), new MovableClock()).close();
        assertRefused(FailureCode.VAULT_FOLDER_INCOMPLETE, "and the database that of vault", () -> start(others));
    }

    @Test
    void aNewFolderIsNoPlaceForTheDatabaseOfAVaultThatLostItsOwn() throws IOException {
        DatabaseConfig database = TestDatabase.fresh();
        Path first = data.resolveSibling("first");
        Vault.start(new VaultConfig(first, new InetSocketAddress("127.0.0.1", 0), List.of(), Optional.empty(),
                database), new MovableClock()).close();
        for (int i = 0; i < 2; i++) {
            assertRefused(FailureCode.VAULT_FOLDER_INCOMPLETE, "has nothing of it", () -> start(database));
        }
    }

    @Test
    void aFirstStartThatWasCutOffBeginsAgainAndADeletedTokenIsReplaced() throws IOException {
        DatabaseConfig database = TestDatabase.fresh();
        Files.createFile(data.resolve("vault.founding"));
        Files.writeString(data.resolve("authority.key"), "half");
        start(database).close();
        assertThat(data.resolve("vault.founding")).doesNotExist();
        String token = Files.readString(data.resolve("admin.token"));
        Files.delete(data.resolve("admin.token"));
        start(database).close();
        assertThat(Files.readString(data.resolve("admin.token"))).isNotEqualTo(token);
    }
}
