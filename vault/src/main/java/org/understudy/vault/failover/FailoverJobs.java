package org.understudy.vault.failover;

import java.util.List;
import org.understudy.api.Operation;
import org.understudy.vault.http.Role;
import org.understudy.vault.item.Attachments;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.JobSense;
import org.understudy.vault.item.ProtectionState;
import org.understudy.vault.item.TestFailoverStore;
import org.understudy.vault.job.JobRule;
import org.understudy.workflow.JobType;
import org.understudy.workflow.Jobs;

/** The jobs of test failover and failover. */
public record FailoverJobs(JobType test, JobType cleanUp, JobType failover, JobType abandon, JobType commit) {
    public static FailoverJobs wired(
            ItemSteps steps, FailoverChecks checks, Attachments attachments, TestFailoverStore tests, Jobs jobs) {
        return new FailoverJobs(
                new TestFailoverJob(steps, checks, tests).type(),
                new CleanupTestFailoverJob(steps, tests, jobs).type(),
                new FailoverJob(steps, checks, attachments).type(),
                new AbandonFailoverJob(steps).type(),
                new CommitJob(steps).type());
    }

    /** Who may begin them, and when one that ended may go on. */
    public static List<JobRule> rules(JobSense sense) {
        return List.of(
                new JobRule(TestFailoverJob.NAME, Role.OPERATOR, sense::goesOnWithItsTest, sense::hasNoTest),
                new JobRule(CleanupTestFailoverJob.NAME, Role.OPERATOR,
                        sense.whileAllowed(Operation.TEST_FAILOVER_CLEANUP)),
                new JobRule(FailoverJob.NAME, Role.OPERATOR, job -> FailoverJob.isFenced(job)
                        ? sense.in(ProtectionState.FailingOver.class::isInstance).test(job)
                        : sense.whileAllowed(Operation.UNPLANNED_FAILOVER).test(job)),
                new JobRule(AbandonFailoverJob.NAME, Role.OPERATOR, sense.in(state ->
                        state instanceof ProtectionState.FailingOver || state instanceof ProtectionState.Protected)),
                new JobRule(CommitJob.NAME, Role.OPERATOR, sense.in(state ->
                        state instanceof ProtectionState.CommitPending
                                || state instanceof ProtectionState.Committed)));
    }

    public List<JobType> all() {
        return List.of(test, cleanUp, failover, abandon, commit);
    }
}
