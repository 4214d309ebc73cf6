package org.understudy.vault.main;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.vault.access.RegistrationKeyStore;
import org.understudy.vault.audit.AuditStore;
import org.understudy.workflow.Jobs;
import org.understudy.workflow.sql.DatabaseException;

/** What is forgotten once a day: ended jobs after 90 days, audit records after a year (decision 17), expired keys. */
final class Housekeeping implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);
    private static final Duration JOBS_KEPT = Duration.ofDays(90);
    private static final Duration AUDIT_KEPT = Duration.ofDays(365);

    private final Jobs jobs;
    private final AuditStore audit;
    private final RegistrationKeyStore keys;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("housekeeping").factory());

    Housekeeping(Jobs jobs, AuditStore audit, RegistrationKeyStore keys) {
        this.jobs = jobs;
        this.audit = audit;
        this.keys = keys;
    }

    void start() {
        timer.scheduleWithFixedDelay(this::forget, 1, 24 * 60, TimeUnit.MINUTES);
    }

    @Override
    public void close() {
        timer.shutdownNow();
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
