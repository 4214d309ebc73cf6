package org.understudy.vault.job;

import java.util.List;
import org.understudy.vault.failover.CleanupTestFailoverJob;
import org.understudy.vault.failover.CommitJob;
import org.understudy.vault.failover.FailoverJob;
import org.understudy.vault.failover.FailoverRequests;
import org.understudy.vault.failover.TestFailoverJob;
import org.understudy.vault.protection.DisableProtectionJob;
import org.understudy.vault.protection.EnableProtectionJob;
import org.understudy.vault.protection.FinalizeProtectionJob;
import org.understudy.vault.protection.ProtectionRequests;
import org.understudy.vault.protection.ResumeReplicationJob;
import org.understudy.vault.protection.UpdateSettingsJob;
import org.understudy.workflow.JobType;
import org.understudy.workflow.Jobs;

/** The kinds of jobs on protected items: what the job runner must know and what requests start (J-07). */
public record ItemJobs(
        JobType enable, JobType finish, JobType update, JobType resume, JobType disable, JobType test,
        JobType cleanUp, JobType failover, JobType commit) {
    /** All kinds, wired. */
    public static ItemJobs wired(ItemSteps steps, ProtectionRequests protection, FailoverRequests failover, Jobs jobs) {
        return new ItemJobs(
                new EnableProtectionJob(steps, protection).type(),
                new FinalizeProtectionJob(steps).type(),
                new UpdateSettingsJob(steps).type(),
                new ResumeReplicationJob(steps).type(),
                new DisableProtectionJob(steps).type(),
                new TestFailoverJob(steps, failover).type(),
                new CleanupTestFailoverJob(steps, jobs).type(),
                new FailoverJob(steps, failover).type(),
                new CommitJob(steps).type());
    }

    public List<JobType> all() {
        return List.of(enable, finish, update, resume, disable, test, cleanUp, failover, commit);
    }
}
