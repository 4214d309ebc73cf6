package org.understudy.vault.failover;

import java.util.List;
import org.understudy.vault.item.Attachments;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.KeptPoints;
import org.understudy.vault.item.TestFailoverStore;
import org.understudy.vault.operation.ItemOperation;
import org.understudy.workflow.Jobs;

/** What people ask of an item's replica: a test failover and its clean-up, a failover and what ends it. */
public final class FailoverOperations {
    private FailoverOperations() {}

    public static List<ItemOperation<?, ?>> wired(
            ItemSteps steps, FailoverChecks checks, Attachments attachments, TestFailoverStore tests, Jobs jobs,
            ReverseReplicateJob reverse) {
        KeptPoints kept = checks.kept();
        AbandonFailoverJob abandon = new AbandonFailoverJob(steps);
        return List.of(
                new TestFailoverJob(steps, checks, tests),
                new CleanupTestFailoverJob(steps, tests, jobs),
                new PlannedFailoverJob(
                        steps, checks, attachments, new PlannedFailoverJob.Following(abandon, reverse, jobs)),
                reverse,
                new FailoverJob(steps, checks, attachments),
                new ChangePointJob(steps, checks, attachments),
                abandon,
                new CommitJob(steps, checks),
                new LetPointGoJob(steps, kept),
                new CompleteMigrationJob(steps, checks));
    }
}
