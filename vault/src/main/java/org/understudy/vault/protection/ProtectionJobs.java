package org.understudy.vault.protection;

import java.util.List;
import org.understudy.vault.item.Attachments;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.ProgressStore;
import org.understudy.vault.item.Relationships;
import org.understudy.workflow.JobType;

/** The jobs that begin protection, keep it as it is wanted, and end it. */
public record ProtectionJobs(JobType enable, JobType finish, JobType update, JobType resume, JobType disable) {
    public static ProtectionJobs wired(ItemSteps steps, ProtectionPlanning planning, Relationships relationships,
            ProgressStore progress, Attachments attachments) {
        return new ProtectionJobs(
                new EnableProtectionJob(steps, planning, relationships, progress).type(),
                new FinalizeProtectionJob(steps, progress, attachments).type(),
                new UpdateSettingsJob(steps, relationships).type(),
                new ResumeReplicationJob(steps).type(),
                new DisableProtectionJob(steps).type());
    }

    public List<JobType> all() {
        return List.of(enable, finish, update, resume, disable);
    }
}
