package org.understudy.vault.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.workflow.sql.Database;

/** The vault's open database: server, connections and schema, brought up to this version. Closed in reverse order. */
public final class VaultDatabase implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VaultDatabase.class);
    private static final int CONNECTIONS = 20;

    private final Optional<EmbeddedDatabase> server;
    private final Optional<SoleUse> soleUse;
    private final HikariDataSource source;
    private final DatabaseAddress address;
    private final Database database;
    private volatile boolean closing;

    private VaultDatabase(Optional<EmbeddedDatabase> server, Optional<SoleUse> soleUse, HikariDataSource source,
            DatabaseAddress address) {
        this.server = server;
        this.soleUse = soleUse;
        this.source = source;
        this.address = address;
        this.database = new Database(source);
    }

    /** Opens it; starts the server first if it is the vault's own. IN_USE when another vault is in it. */
    public static VaultDatabase open(DatabaseConfig config) throws IOException {
        return switch (config) {
            case DatabaseConfig.Embedded embedded -> {
                EmbeddedDatabase server = EmbeddedDatabase.start(embedded);
                yield connect(Optional.of(server), Optional.empty(), server.address());
            }
            case DatabaseConfig.External external -> {
                DatabaseAddress address = new DatabaseAddress(
                        external.url(), external.user(), SecretFile.read(external.passwordFile()));
                yield connect(Optional.empty(), Optional.of(SoleUse.of(address)), address);
            }
        };
    }

    /** The database, for the stores. */
    public Database database() {
        return database;
    }

    /** Whether the server is the vault's own. */
    public boolean isEmbedded() {
        return server.isPresent();
    }

    /** Where it answers, for people; without the password. */
    public String address() {
        return address.url();
    }

    /**
     * Runs something when the database is no longer the vault's: its own server ended without having been asked to, or
     * another vault has taken the database while its server was away.
     */
    public void onLost(Runnable work) {
        soleUse.ifPresent(use -> use.onLost(work));
        server.ifPresent(embedded -> embedded.onUnexpectedEnd(() -> {
            if (!closing) {
                work.run();
            }
        }));
    }

    @Override
    public void close() {
        closing = true;
        source.close();
        soleUse.ifPresent(SoleUse::close);
        server.ifPresent(EmbeddedDatabase::close);
    }

    /** A vault that was set back to an earlier release would misread what the later one keeps. */
    private static void requireNoLaterRelease(Flyway flyway, DatabaseAddress address) {
        Arrays.stream(flyway.info().all()).filter(it -> it.getState() == MigrationState.FUTURE_SUCCESS).findFirst()
                .ifPresent(later -> {
                    throw FailureException.of(FailureCode.FORMAT_TOO_NEW, "The vault's database, " + address
                            + ", was last used by a later release: it has the change " + later.getVersion()
                            + " of its tables, which this one does not know.");
                });
    }

    static FailureException unusable(DatabaseAddress address, Exception e) {
        return FailureException.of(FailureCode.DATABASE_UNREACHABLE,
                "The vault's database, " + address + ", cannot be used: " + e.getMessage().strip(),
                "Check that PostgreSQL runs there, that the database exists, and user and password.").causedBy(e);
    }

    private static VaultDatabase connect(
            Optional<EmbeddedDatabase> server, Optional<SoleUse> soleUse, DatabaseAddress address) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("vault");
        config.setDataSource(new ClaimedSource(address, soleUse));
        config.setMaximumPoolSize(CONNECTIONS);
        config.setMinimumIdle(2);
        config.setConnectionTimeout(10_000);
        HikariDataSource source = null;
        try {
            source = new HikariDataSource(config);
            Flyway flyway = Flyway.configure().dataSource(source).load();
            requireNoLaterRelease(flyway, address);
            var migrated = flyway.migrate();
            LOG.info("database opened at={} migrations={}", address, migrated.migrationsExecuted);
            return new VaultDatabase(server, soleUse, source, address);
        } catch (RuntimeException e) {
            if (source != null) {
                source.close();
            }
            soleUse.ifPresent(SoleUse::close);
            server.ifPresent(EmbeddedDatabase::close);
            throw e instanceof HikariPool.PoolInitializationException || e instanceof FlywayException
                    ? unusable(address, e) : e;
        }
    }
}
