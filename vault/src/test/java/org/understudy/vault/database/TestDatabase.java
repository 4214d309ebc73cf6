package org.understudy.vault.database;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.understudy.workflow.sql.Database;

/** The vault's own PostgreSQL with its real schema, one for all tests of a JVM; each test begins with empty tables. */
public final class TestDatabase {
    /** PostgreSQL's programs, unpacked once for all tests. */
    public static final Path PROGRAMS = Path.of("target", "postgres-programs").toAbsolutePath();

    private static TestDatabase running;

    private static final String TEMPLATE = "story_template";

    private final Path folder;
    private final String url;
    private final Database database;
    private int made;
    private int bare;

    private TestDatabase(Path folder, String url, Database database) {
        this.folder = folder;
        this.url = url;
        this.database = database;
    }

    /** A database of its own on the same server, with the whole schema and nothing in it: for a vault of its own. */
    public static synchronized DatabaseConfig fresh() throws IOException {
        if (running == null) {
            running = start();
        }
        return running.copy();
    }

    /** A database of its own on the same server, without any table. */
    static synchronized DatabaseConfig.External bare() {
        if (running == null) {
            running = start();
        }
        running.bare++;
        running.database.update("create database bare_" + running.bare);
        return running.named("bare_" + running.bare);
    }

    private DatabaseConfig copy() throws IOException {
        if (made == 0) {
            database.update("create database " + TEMPLATE);
            VaultDatabase.open(named(TEMPLATE)).close();
        }
        made++;
        database.update("create database story_" + made + " template " + TEMPLATE);
        return named("story_" + made);
    }

    private DatabaseConfig.External named(String name) {
        return new DatabaseConfig.External(
                url.replaceFirst("/[^/?]*(\\?.*)?$", "/" + name), "understudy", folder.resolve("postgres.password"));
    }

    /** The database, empty. */
    public static synchronized Database empty() {
        if (running == null) {
            running = start();
        }
        running.truncate();
        return running.database;
    }

    private static TestDatabase start() {
        try {
            Path folder = Files.createTempDirectory("understudy-vault-test");
            VaultDatabase opened = VaultDatabase.open(new DatabaseConfig.Embedded(folder, PROGRAMS));
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                opened.close();
                try {
                    PostgresBinaries.delete(folder);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }));
            hurryLogins(opened.database(), SecretFile.read(folder.resolve("postgres.password")));
            return new TestDatabase(folder, opened.address(), opened.database());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One round of hashing a login instead of 4096; every vault of every test logs in several times. */
    private static void hurryLogins(Database database, String password) {
        database.transact(() -> {
            database.update("set local scram_iterations = 1");
            database.update("alter role understudy password '" + password + "'");
        });
    }

    private void truncate() {
        List<String> tables = database.query(
                "select tablename from pg_tables where schemaname = 'public' and tablename <> 'flyway_schema_history'",
                row -> "\"" + row.text("tablename") + "\"");
        database.update("truncate " + String.join(", ", tables) + " cascade");
    }
}
