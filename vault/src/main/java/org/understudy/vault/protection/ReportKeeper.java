package org.understudy.vault.protection;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.command.AgentReport;
import org.understudy.command.AgentReport.SourceProgress;
import org.understudy.command.AgentReport.TargetProgress;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.ItemId;
import org.understudy.vault.fleet.Host;
import org.understudy.vault.fleet.ReportListener;
import org.understudy.vault.inventory.InventoryStore;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.ProgressStore;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.vault.item.ProtectionState;
import org.understudy.vault.item.Relationships;
import org.understudy.workflow.Job;
import org.understudy.workflow.JobFilter;
import org.understudy.workflow.JobState;
import org.understudy.workflow.JobType;
import org.understudy.workflow.Jobs;

/**
 * What follows from agents' reports for items: they are kept, a job that waits for them goes on, protection is
 * finalized when initial replication is done (E-04), changed settings are told (PL-02), and a chain that broke is known
 * as such. What a host
 * reports of an item that is not its own is ignored. Called by many threads.
 */
public final class ReportKeeper implements ReportListener {
    private static final Logger LOG = LoggerFactory.getLogger(ReportKeeper.class);
    private static final Duration AFTER_A_FAILURE = Duration.ofMinutes(1);

    private final ItemSteps steps;
    private final Relationships relationships;
    private final InventoryStore inventory;
    private final ProgressStore progress;
    private final Jobs jobs;
    private final ProtectionJobs types;

    public ReportKeeper(ItemSteps steps, Relationships relationships, InventoryStore inventory,
            ProgressStore progress, Jobs jobs, ProtectionJobs types) {
        this.steps = steps;
        this.relationships = relationships;
        this.inventory = inventory;
        this.progress = progress;
        this.jobs = jobs;
        this.types = types;
    }

    @Override
    public void inventory(Host host, AgentReport.Inventory report) {
        inventory.replace(host.id(), report, steps.clock().instant());
        report.machines().forEach(
                machine -> steps.items().adaptersChanged(host.id(), machine.id(), machine.adapters()));
    }

    @Override
    public void source(Host host, SourceProgress report) {
        if (progress.keep(host.id(), report, steps.clock().instant())) {
            divergence(report);
            goOn(report.item());
        }
    }

    @Override
    public void target(Host host, TargetProgress report) {
        if (progress.keep(host.id(), report, steps.clock().instant())) {
            goOn(report.item());
        }
    }

    private void goOn(ItemId id) {
        Optional<ProtectedItem> item = steps.items().find(id);
        if (item.isEmpty()) {
            return;
        }
        Optional<Job> active = jobs.activeOn(ItemSteps.target(item.get()));
        if (active.isPresent()) {
            if (active.get().type().equals(EnableProtectionJob.NAME)) {
                jobs.signal(active.get().id());
            }
        } else {
            startWhatIsDue(item.get());
        }
    }

    private void startWhatIsDue(ProtectedItem item) {
        switch (item.state()) {
            case ProtectionState.InitialReplication _ when isCovered(item.id()) ->
                    start(types.finish(), item, new FinalizeProtectionJob.Input());
            case ProtectionState.InitialReplication _, ProtectionState.Protected _ -> {
                // Told when both listen: a job that waits for a host that is gone is of no use to anybody.
                if (steps.sourceAgent(item).connected() && steps.targetAgent(item).connected()
                        && !steps.items().told(item.id()).equals(
                                Optional.of(relationships.words(item).changeable()))) {
                    start(types.update(), item, new UpdateSettingsJob.Input());
                }
            }
            case ProtectionState.Enabling _, ProtectionState.ResynchronizationRequired _,
                    ProtectionState.FailingOver _, ProtectionState.CommitPending _, ProtectionState.Committed _,
                    ProtectionState.Disabling _ -> {
                // A person decides what comes next.
            }
        }
    }

    /** A recovery point exists only when all disks are covered. */
    private boolean isCovered(ItemId item) {
        return progress.of(item).target().filter(report -> !report.points().isEmpty()).isPresent();
    }

    private void start(JobType type, ProtectedItem item, Object input) {
        Instant soon = steps.clock().instant().minus(AFTER_A_FAILURE);
        boolean failedJustNow = jobs.list(new JobFilter(Optional.of(item.id().toString()), false, 1)).stream()
                .anyMatch(job -> job.type().equals(type.name()) && job.state() != JobState.SUCCEEDED
                        && job.endedAt().filter(soon::isBefore).isPresent());
        if (failedJustNow) {
            return;
        }
        try {
            Job job = jobs.start(type, ItemSteps.target(item), input, "vault");
            LOG.info("job was begun by what an agent reported type=\"{}\" item={} name={} job={}",
                    type.name(), item.id(), item.name(), job.id());
        } catch (FailureException e) {
            if (e.failure().code() != FailureCode.OPERATION_IN_PROGRESS) {
                throw e;
            }
            // Somebody was faster; the next report looks again.
        }
    }

    private void divergence(SourceProgress report) {
        Optional<Failure> diverged = report.trouble()
                .filter(failure -> failure.code() == FailureCode.RESYNCHRONIZATION_REQUIRED);
        Optional<ProtectedItem> item = steps.items().find(report.item());
        boolean known = item.filter(found -> found.state() instanceof ProtectionState.ResynchronizationRequired)
                .isPresent();
        if (item.isEmpty() || known == diverged.isPresent()) {
            return;
        }
        steps.database().transact(() -> {
            ProtectedItem locked = steps.items().lock(report.item());
            ProtectionState next = switch (locked.state()) {
                case ProtectionState.Protected following when diverged.isPresent() ->
                        following.diverged(diverged.get());
                case ProtectionState.ResynchronizationRequired required when diverged.isEmpty() ->
                        required.resynchronized();
                case ProtectionState other -> other;
            };
            if (!next.equals(locked.state())) {
                steps.items().replace(locked.with(next), locked.version(), "its source reported it",
                        steps.clock().instant());
            }
        });
    }
}
