package org.understudy.vault.main;

import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.model.loop.EndlessLoop;
import org.understudy.vault.access.RegistrationKeyStore;
import org.understudy.vault.audit.AuditStore;
import org.understudy.workflow.Jobs;
import org.understudy.workflow.sql.Database;
import org.understudy.workflow.sql.DatabaseException;

/**
 * What ends by its age: ended jobs after 90 days, audit records and expired keys after a year (decision 17), and tests
 * that were forgotten. Looked at each hour; nothing ends within a day of a jump of the clock ({@link SteadyClock}).
 */
final class Housekeeping implements EndlessLoop.Turn, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);
    private static final Duration JOBS_KEPT = Duration.ofDays(90);
    private static final Duration AUDIT_KEPT = Duration.ofDays(365);
    private static final Duration FIRST = Duration.ofMinutes(1);
    private static final Duration INTERVAL = Duration.ofHours(1);

    private final Database database;
    private final Clock clock;
    private final Jobs jobs;
    private final AuditStore audit;
    private final RegistrationKeyStore keys;
    private final Runnable overdue;
    private final CountDownLatch closing = new CountDownLatch(1);
    private Duration pause = FIRST;

    /** @param overdue ends what else is too old */
    Housekeeping(Database database, Clock clock, Jobs jobs, AuditStore audit, RegistrationKeyStore keys,
            Runnable overdue) {
        this.database = database;
        this.clock = clock;
        this.jobs = jobs;
        this.audit = audit;
        this.keys = keys;
        this.overdue = overdue;
    }

    void start() {
        Thread.ofVirtual().name("housekeeping").start(
                new EndlessLoop("housekeeping", this, () -> closing.getCount() == 0, this::rest));
    }

    @Override
    public void take() throws InterruptedException {
        rest(pause);
        if (closing.getCount() > 0) {
            look();
            pause = INTERVAL;
        }
    }

    @Override
    public void close() {
        closing.countDown();
    }

    private void rest(Duration atMost) throws InterruptedException {
        if (closing.await(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
            LOG.debug("housekeeping ended");
        }
    }

    void look() {
        try {
            SteadyClock steady = database.transact(() -> {
                SteadyClock looked = SteadyClock.looked(known(), clock.instant());
                database.update(
                        """
                        insert into housekeeping (last_at, steady_since) values (?, ?)
                        on conflict (only_row) do update set last_at = excluded.last_at,
                            steady_since = excluded.steady_since
                        """, looked.lastLook(), looked.since());
                return looked;
            });
            if (steady.isTrusted()) {
                LOG.info("old records were forgotten jobs={} audit={} keys={}", jobs.forgetEnded(JOBS_KEPT),
                        audit.forgetOlderThan(AUDIT_KEPT), keys.forgetExpired(AUDIT_KEPT));
                overdue.run();
            } else {
                LOG.info("old records are kept until the clock has gone steadily for a day since={}", steady.since());
            }
        } catch (DatabaseException e) {
            LOG.warn("old records could not be forgotten reason=\"{}\"", e.getMessage());
        }
    }

    private Optional<SteadyClock> known() {
        return database.first("select last_at, steady_since from housekeeping",
                row -> new SteadyClock(row.instant("last_at"), row.instant("steady_since")));
    }
}
