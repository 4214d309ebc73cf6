package org.understudy.vault.failover;

import java.util.List;
import org.understudy.vault.item.Attachments;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.TestFailoverStore;
import org.understudy.workflow.JobType;
import org.understudy.workflow.Jobs;

/** The jobs of test failover and failover. */
public record FailoverJobs(JobType test, JobType cleanUp, JobType failover, JobType commit) {
    public static FailoverJobs wired(
            ItemSteps steps, FailoverChecks checks, Attachments attachments, TestFailoverStore tests, Jobs jobs) {
        return new FailoverJobs(
                new TestFailoverJob(steps, checks, tests).type(),
                new CleanupTestFailoverJob(steps, tests, jobs).type(),
                new FailoverJob(steps, checks, attachments).type(),
                new CommitJob(steps).type());
    }

    public List<JobType> all() {
        return List.of(test, cleanUp, failover, commit);
    }
}
