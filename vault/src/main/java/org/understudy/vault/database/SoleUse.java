package org.understudy.vault.database;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/**
 * A vault's claim to be alone in a database that somebody else keeps: a lock of a session of its own, which the server
 * lets go when that session ends, however the vault ended. Two vaults in one database would each run the jobs of the
 * other and hear of none of its signals.
 */
final class SoleUse implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SoleUse.class);
    /** Any number that nobody else takes in this database: "undstdy" in letters. */
    private static final long LOCK = 0x756e6473746479L;
    /** The session of a vault that was ended just now is gone by then. */
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final String TAKEN = "55P03";

    private final Connection session;

    private SoleUse(Connection session) {
        this.session = session;
    }

    /** Takes it, or refuses with IN_USE. */
    static SoleUse of(DatabaseAddress address) {
        try {
            Connection session = DriverManager.getConnection(address.url(), address.user(), address.password());
            try {
                lock(session);
                return new SoleUse(session);
            } catch (SQLException e) {
                session.close();
                throw e;
            }
        } catch (SQLException e) {
            throw TAKEN.equals(e.getSQLState()) ? FailureException.of(FailureCode.IN_USE,
                    "Another vault runs in the database " + address + ".", "End it, or give this one a database of "
                            + "its own. One whose machine is gone is forgotten after a minute.").causedBy(e)
                    : VaultDatabase.unusable(address, e);
        }
    }

    private static void lock(Connection session) throws SQLException {
        try (Statement statement = session.createStatement()) {
            // A machine that vanished with its vault keeps no other out for hours, as it would by the usual settings.
            for (String setting : List.of("tcp_keepalives_idle = 30", "tcp_keepalives_interval = 10",
                    "tcp_keepalives_count = 3", "lock_timeout = " + PATIENCE.toMillis())) {
                statement.execute("set " + setting);
            }
            statement.execute("select pg_advisory_lock(" + LOCK + ")");
        }
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (SQLException e) {
            LOG.debug("session of the lock did not close", e);
        }
    }
}
