package org.understudy.vault.protection;

import java.util.List;
import org.understudy.api.Operation;
import org.understudy.vault.http.Role;
import org.understudy.vault.item.Attachments;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.JobSense;
import org.understudy.vault.item.KeptPoints;
import org.understudy.vault.item.ProgressStore;
import org.understudy.vault.item.ProtectionState;
import org.understudy.vault.item.Relationships;
import org.understudy.vault.job.JobRule;
import org.understudy.vault.operation.ItemOperation;
import org.understudy.workflow.JobType;

/** The jobs that begin protection and keep it as it is wanted; none of them is asked of an item that there is. */
public record ProtectionJobs(JobType enable, JobType finish, JobType update, JobType removeHolding) {
    public static ProtectionJobs wired(ItemSteps steps, ProtectionPlanning planning, Relationships relationships,
            ProgressStore progress, Attachments attachments) {
        return new ProtectionJobs(
                new EnableProtectionJob(steps, planning, relationships, progress, attachments).type(),
                new FinalizeProtectionJob(steps, progress, attachments).type(),
                new UpdateSettingsJob(steps, relationships).type(),
                new RemoveHoldingJob(steps).type());
    }

    /** What people ask of the protection of an item: to have it stand still and go on, and to end it. */
    public static List<ItemOperation<?, ?>> operations(
            ItemSteps steps, Relationships relationships, KeptPoints kept) {
        return List.of(
                new PauseReplicationJob(steps),
                new ResumeReplicationJob(steps),
                new DisableProtectionJob(steps, relationships, kept));
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
                new JobRule(RemoveHoldingJob.NAME, Role.CONTRIBUTOR, job -> true));
    }

    public List<JobType> all() {
        return List.of(enable, finish, update, removeHolding);
    }
}
