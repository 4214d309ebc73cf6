package org.understudy.vault.database;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.loop.EndlessLoop;

/**
 * A vault's claim to be alone in a database that somebody else keeps: a lock of a session of its own, which the server
 * lets go when that session ends, however the vault ended. Two vaults in one database would each run the jobs of the
 * other and hear of none of its signals.
 *
 * <p>A server that restarts ends the session and so the lock. It is looked after every two seconds and taken again; and
 * no connection of the vault is made while the server does not know its lock ({@link #require}), so that what another
 * vault took meanwhile is not written to. If another has it, the claim is lost for good.
 */
final class SoleUse implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SoleUse.class);
    /** Any number that nobody else takes in this database: "undstdy" in letters. */
    private static final long LOCK = 0x756e6473746479L;
    /** The session of a vault that was ended just now is gone by then. */
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(2);
    private static final int ANSWER_SECONDS = 5;
    private static final String TAKEN = "55P03";

    private final DatabaseAddress address;
    private final CountDownLatch ending = new CountDownLatch(1);
    private volatile Held held;
    private volatile boolean lost;
    private volatile Runnable whenLost = () -> { };

    private record Held(Connection session, int process) {}

    private SoleUse(DatabaseAddress address, Held held) {
        this.address = address;
        this.held = held;
    }

    /** Takes it, or refuses with IN_USE; looks after it until it is closed. */
    static SoleUse of(DatabaseAddress address) {
        try {
            SoleUse use = new SoleUse(address, take(address));
            Thread.ofVirtual().name("sole-use").start(new EndlessLoop("sole use of the database", use::look,
                    use::isOver, use::await));
            return use;
        } catch (SQLException e) {
            throw isTaken(e) ? taken(address).causedBy(e) : VaultDatabase.unusable(address, e);
        }
    }

    /** Runs something when another vault has the database. */
    void onLost(Runnable work) {
        whenLost = work;
        if (lost) {
            work.run();
        }
    }

    /** Refuses, as a lost connection is refused, a session that was opened while the server does not know the claim. */
    void require(Connection opened) throws SQLException {
        try (PreparedStatement asking = opened.prepareStatement("select count(*) from pg_locks where locktype ="
                + " 'advisory' and database = (select oid from pg_database where datname = current_database())"
                + " and pid = ? and granted and classid = ? and objid = ? and objsubid = 1")) {
            asking.setInt(1, held.process());
            asking.setLong(2, LOCK >>> 32);
            asking.setLong(3, LOCK & 0xffff_ffffL);
            try (ResultSet found = asking.executeQuery()) {
                found.next();
                if (lost || found.getInt(1) == 0) {
                    throw new SQLException("this vault is not known to be alone in " + address, "08006");
                }
            }
        }
    }

    private void look() throws InterruptedException {
        if (await(LOOK_EVERY) || isHeld()) {
            return;
        }
        close(held.session());
        try {
            held = take(address);
            LOG.info("the vault is alone in its database again at={}", address);
        } catch (SQLException e) {
            if (isTaken(e)) {
                LOG.error("another vault has taken the database while its server was away at={}", address);
                lost = true;
                ending.countDown();
                whenLost.run();
            } else {
                LOG.debug("the lock of the database was not taken again yet at={} reason={}", address, e.getMessage());
            }
        }
    }

    private boolean isHeld() {
        try {
            return held.session().isValid(ANSWER_SECONDS);
        } catch (SQLException e) {
            throw new IllegalStateException("a number of seconds that is not negative is legal", e);
        }
    }

    private boolean isOver() {
        return ending.getCount() == 0;
    }

    private boolean await(Duration atMost) throws InterruptedException {
        return ending.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static Held take(DatabaseAddress address) throws SQLException {
        Connection session = DriverManager.getConnection(address.url(), address.user(), address.password());
        try (Statement statement = session.createStatement()) {
            // A machine that vanished with its vault keeps no other out for hours, as it would by the usual settings.
            for (String setting : List.of("tcp_keepalives_idle = 30", "tcp_keepalives_interval = 10",
                    "tcp_keepalives_count = 3", "lock_timeout = " + PATIENCE.toMillis())) {
                statement.execute("set " + setting);
            }
            statement.execute("select pg_advisory_lock(" + LOCK + ")");
            try (ResultSet process = statement.executeQuery("select pg_backend_pid()")) {
                process.next();
                return new Held(session, process.getInt(1));
            }
        } catch (SQLException e) {
            close(session);
            throw e;
        }
    }

    private static boolean isTaken(SQLException e) {
        return TAKEN.equals(e.getSQLState());
    }

    private static FailureException taken(DatabaseAddress address) {
        return FailureException.of(FailureCode.IN_USE, "Another vault runs in the database " + address + ".",
                "End it, or give this one a database of its own. One whose machine is gone is forgotten after a "
                        + "minute.");
    }

    private static void close(Connection session) {
        try {
            session.close();
        } catch (SQLException e) {
            LOG.debug("session of the lock did not close", e);
        }
    }

    @Override
    public void close() {
        ending.countDown();
        close(held.session());
    }
}
