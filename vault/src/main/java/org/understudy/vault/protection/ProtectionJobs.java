package org.understudy.vault.protection;

import java.util.List;
import org.understudy.api.Operation;
import org.understudy.vault.http.Role;
import org.understudy.vault.item.Attachments;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.JobSense;
import org.understudy.vault.item.ProgressStore;
import org.understudy.vault.item.ProtectionState;
import org.understudy.vault.item.Relationships;
import org.understudy.vault.job.JobRule;
import org.understudy.workflow.JobType;

/** The jobs that begin protection, keep it as it is wanted, and end it. */
public record ProtectionJobs(JobType enable, JobType finish, JobType update, JobType pause, JobType resume,
        JobType disable, JobType removeHolding) {
    public static ProtectionJobs wired(ItemSteps steps, ProtectionPlanning planning, Relationships relationships,
            ProgressStore progress, Attachments attachments) {
        return new ProtectionJobs(
                new EnableProtectionJob(steps, planning, relationships, progress, attachments).type(),
                new FinalizeProtectionJob(steps, progress, attachments).type(),
                new UpdateSettingsJob(steps, relationships).type(),
                new PauseReplicationJob(steps).type(),
                new ResumeReplicationJob(steps).type(),
                new DisableProtectionJob(steps).type(),
                new RemoveHoldingJob(steps).type());
    }

    /** Who may begin them, and when one that ended may go on. */
    public static List<JobRule> rules(JobSense sense) {
        return List.of(
                new JobRule(EnableProtectionJob.NAME, Role.CONTRIBUTOR,
                        sense.in(ProtectionState.Enabling.class::isInstance)),
                new JobRule(FinalizeProtectionJob.NAME, Role.OPERATOR,
                        sense.in(ProtectionState.InitialReplication.class::isInstance)),
                new JobRule(UpdateSettingsJob.NAME, Role.OPERATOR,
                        sense.whileAllowed(Operation.RESUME_REPLICATION)),
                new JobRule(PauseReplicationJob.NAME, Role.OPERATOR,
                        sense.whileAllowed(Operation.PAUSE_REPLICATION)),
                new JobRule(ResumeReplicationJob.NAME, Role.OPERATOR,
                        sense.whileAllowed(Operation.RESUME_REPLICATION)),
                new JobRule(DisableProtectionJob.NAME, Role.CONTRIBUTOR, sense.always()),
                new JobRule(RemoveHoldingJob.NAME, Role.CONTRIBUTOR, job -> true));
    }

    public List<JobType> all() {
        return List.of(enable, finish, update, pause, resume, disable, removeHolding);
    }
}
