package org.understudy.vault.main;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.model.loop.EndlessLoop;
import org.understudy.vault.access.RegistrationKeyStore;
import org.understudy.vault.audit.AuditStore;
import org.understudy.workflow.Jobs;
import org.understudy.workflow.sql.DatabaseException;

/** What is forgotten once a day: ended jobs after 90 days, audit records after a year (decision 17), expired keys. */
final class Housekeeping implements EndlessLoop.Turn, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);
    private static final Duration JOBS_KEPT = Duration.ofDays(90);
    private static final Duration AUDIT_KEPT = Duration.ofDays(365);
    private static final Duration FIRST = Duration.ofMinutes(1);
    private static final Duration INTERVAL = Duration.ofDays(1);

    private final Jobs jobs;
    private final AuditStore audit;
    private final RegistrationKeyStore keys;
    private final CountDownLatch closing = new CountDownLatch(1);
    private Duration pause = FIRST;

    Housekeeping(Jobs jobs, AuditStore audit, RegistrationKeyStore keys) {
        this.jobs = jobs;
        this.audit = audit;
        this.keys = keys;
    }

    void start() {
        Thread.ofVirtual().name("housekeeping").start(
                new EndlessLoop("housekeeping", this, () -> closing.getCount() == 0, this::rest));
    }

    @Override
    public void take() throws InterruptedException {
        rest(pause);
        if (closing.getCount() > 0) {
            forget();
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

    private void forget() {
        try {
            LOG.info("old records were forgotten jobs={} audit={} keys={}", jobs.forgetEnded(JOBS_KEPT),
                    audit.forgetOlderThan(AUDIT_KEPT), keys.forgetExpired(AUDIT_KEPT));
        } catch (DatabaseException e) {
            LOG.warn("old records could not be forgotten reason=\"{}\"", e.getMessage());
        }
    }
}
