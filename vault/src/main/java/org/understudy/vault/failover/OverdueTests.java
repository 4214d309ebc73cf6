package org.understudy.vault.failover;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.vault.item.TestFailover;
import org.understudy.vault.item.TestFailoverStore;
import org.understudy.workflow.Job;
import org.understudy.workflow.JobFilter;
import org.understudy.workflow.JobState;
import org.understudy.workflow.Jobs;

/**
 * What ends test failovers that nobody ended (TF-14): while one is open nothing is applied to the replica, and what
 * arrives fills the target's journal. It is cleaned up as a person would, by the same job.
 */
public final class OverdueTests {
    private static final Logger LOG = LoggerFactory.getLogger(OverdueTests.class);
    private static final Duration AFTER_A_FAILURE = Duration.ofDays(1);

    private final ItemSteps steps;
    private final TestFailoverStore tests;
    private final Jobs jobs;
    private final CleanupTestFailoverJob cleanup;

    public OverdueTests(ItemSteps steps, TestFailoverStore tests, Jobs jobs) {
        this.steps = steps;
        this.tests = tests;
        this.jobs = jobs;
        this.cleanup = new CleanupTestFailoverJob(steps, tests, jobs);
    }

    /** Begins the clean-up of each; a clock that may have jumped is not to be asked. */
    public void end() {
        Instant overdue = steps.clock().instant().minus(TestFailover.OPEN_MAX);
        for (TestFailover test : tests.list()) {
            if (begun(test).isBefore(overdue) && !failedLately(test)) {
                steps.items().find(test.item()).ifPresent(this::cleanUp);
            }
        }
    }

    /** One whose VM never ran is as old as its job; a job that is forgotten by now is older than any test may be. */
    private Instant begun(TestFailover test) {
        return test.startedAt().or(() -> jobs.find(test.job()).map(Job::createdAt)).orElse(Instant.EPOCH);
    }

    /** A target that is gone for good is asked once a day, until a person has it forgotten. */
    private boolean failedLately(TestFailover test) {
        Instant lately = steps.clock().instant().minus(AFTER_A_FAILURE);
        return jobs.list(new JobFilter(Optional.of(test.item().toString()), false, 1)).stream()
                .anyMatch(job -> job.type().equals(CleanupTestFailoverJob.NAME) && job.state() == JobState.FAILED
                        && job.endedAt().filter(lately::isBefore).isPresent());
    }

    private void cleanUp(ProtectedItem item) {
        String notes = "The vault ended the test: it was open for more than %d days."
                .formatted(TestFailover.OPEN_MAX.toDays());
        try {
            Job job = steps.database().transact(() -> {
                cleanup.makeWay(item, jobs);
                return jobs.start(cleanup.job(), cleanup.target(item),
                        new CleanupTestFailoverJob.Input(Optional.of(notes), false), "vault");
            });
            LOG.info("a test failover that was open for too long is cleaned up item={} job={}", item.name(), job.id());
        } catch (FailureException e) {
            if (e.failure().code() != FailureCode.OPERATION_IN_PROGRESS) {
                throw e;
            }
            // Somebody was faster, or it starts its VM anew: the next look finds it.
        }
    }
}
