package org.understudy.vault.protection;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.command.AgentReport;
import org.understudy.command.AgentReport.SourceProgress;
import org.understudy.command.AgentReport.TargetProgress;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.ItemId;
import org.understudy.model.RelationshipId;
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
 * as such. What a host reports of an item that is not its own is ignored. Statements are counted by requests and by
 * what changed, not by items. Called by many threads.
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
    private final ReportedItems items;
    /** The facts with which an item had nothing due: as long as they hold nobody looks closer. */
    private final Map<ItemId, String> quiet = new ConcurrentHashMap<>();

    public ReportKeeper(ItemSteps steps, Relationships relationships, InventoryStore inventory,
            ProgressStore progress, Jobs jobs, ProtectionJobs types) {
        this.steps = steps;
        this.relationships = relationships;
        this.inventory = inventory;
        this.progress = progress;
        this.jobs = jobs;
        this.types = types;
        this.items = new ReportedItems(steps.database());
    }

    @Override
    public void inventory(Host host, AgentReport.Inventory report) {
        inventory.replace(host.id(), report, steps.clock().instant());
        steps.items().machinesChanged(host.id(), report.machines());
    }

    @Override
    public void progress(Host host, List<SourceProgress> sources, List<TargetProgress> targets) {
        Instant now = steps.clock().instant();
        Set<RelationshipId> told = new LinkedHashSet<>(progress.keepSources(host.id(), sources, now));
        told.addAll(progress.keepTargets(host.id(), targets, now));
        Map<RelationshipId, SourceProgress> bySource = new HashMap<>();
        sources.forEach(source -> bySource.put(source.relationship(), source));
        for (ReportedItems.Standing item : items.of(told.stream().map(RelationshipId::item).toList())) {
            // The host may have told of an earlier direction as well, of which it was the source.
            boolean diverged = diverged(bySource.get(item.relationship()), item);
            if (item.job().isPresent()) {
                quiet.remove(item.id());
                if (item.jobType().equals(Optional.of(EnableProtectionJob.NAME))) {
                    jobs.signal(item.job().get());
                }
            } else if (diverged || !item.facts().equals(quiet.get(item.id()))) {
                goOn(item);
            }
        }
    }

    /** Whether its state changed by what its source tells. */
    private boolean diverged(SourceProgress report, ReportedItems.Standing item) {
        if (report == null || breaks(report).isPresent() == item.is(ProtectionState.ResynchronizationRequired.class)) {
            return false;
        }
        divergence(report);
        return true;
    }

    /** Looks for what is due, and does not look again before something of the item is another. */
    private void goOn(ReportedItems.Standing standing) {
        Optional<ProtectedItem> item = steps.items().find(standing.id());
        if (item.isPresent() && isNothingDue(item.get())) {
            quiet.put(standing.id(), standing.facts());
        } else {
            quiet.remove(standing.id());
        }
    }

    /** Starts what is due; false also while the item's first points are awaited, which no fact of ours tells. */
    private boolean isNothingDue(ProtectedItem item) {
        return switch (item.state()) {
            case ProtectionState.InitialReplication _ when isCovered(item.id()) -> {
                start(types.finish(), item, new FinalizeProtectionJob.Input());
                yield false;
            }
            case ProtectionState.InitialReplication _, ProtectionState.Protected _ -> {
                boolean told = steps.items().told(item.relationship()).equals(
                        Optional.of(relationships.words(item).changeable()));
                // Told when both listen: a job that waits for a host that is gone is of no use to anybody.
                if (!told && steps.sourceAgent(item).connected() && steps.targetAgent(item).connected()) {
                    start(types.update(), item, new UpdateSettingsJob.Input());
                }
                yield told && item.state() instanceof ProtectionState.Protected;
            }
            case ProtectionState.Reversing reversing -> {
                if (reversing.committed() && isReversed(item.id())) {
                    steps.follow(item.id(), ProtectionState.Reversing.class, ProtectionState.Reversing::covered,
                            "its replica has a point of the new direction");
                }
                yield false;
            }
            // A person decides what comes next.
            case ProtectionState.ResynchronizationRequired _, ProtectionState.RunsAtTarget _,
                    ProtectionState.Passing _ -> true;
        };
    }

    /** A recovery point exists only when all disks are covered. */
    private boolean isCovered(ItemId item) {
        return progress.of(item).target().filter(report -> report.held().count() > 0).isPresent();
    }

    /** What the disks held when they were adopted is no point of the new direction. */
    private boolean isReversed(ItemId item) {
        ProgressStore.Progress told = progress.of(item);
        return told.source().filter(report -> breaks(report).isEmpty()).isPresent()
                && told.target().flatMap(report -> report.held().latest())
                        .filter(point -> point.position().sequence() > 0).isPresent();
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

    private static Optional<Failure> breaks(SourceProgress report) {
        return report.resynchronizing().or(() -> report.trouble()
                .filter(failure -> failure.code() == FailureCode.RESYNCHRONIZATION_REQUIRED));
    }

    private void divergence(SourceProgress report) {
        Optional<Failure> diverged = breaks(report);
        ItemId item = report.relationship().item();
        if (diverged.isPresent()) {
            steps.follow(item, ProtectionState.Protected.class, state -> state.diverged(diverged.get()),
                    "its source reported it");
        } else {
            steps.follow(item, ProtectionState.ResynchronizationRequired.class,
                    ProtectionState.ResynchronizationRequired::resynchronized, "its source reported it");
        }
    }
}
