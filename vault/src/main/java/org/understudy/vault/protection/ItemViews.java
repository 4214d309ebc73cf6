package org.understudy.vault.protection;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.understudy.api.AdapterView;
import org.understudy.api.HandOverView;
import org.understudy.api.HealthView;
import org.understudy.api.ItemView;
import org.understudy.api.Named;
import org.understudy.api.Operation;
import org.understudy.api.ProgressView;
import org.understudy.api.RecoveryPointView;
import org.understudy.api.TestFailoverView;
import org.understudy.command.AgentCommand.AdapterAttachment;
import org.understudy.command.AgentReport.SourceProgress;
import org.understudy.command.AgentReport.TargetProgress;
import org.understudy.command.PointsHeld;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.Failure;
import org.understudy.model.LogPosition;
import org.understudy.model.NetworkAdapter;
import org.understudy.model.RecoveryPoint;
import org.understudy.model.RelationshipId;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.vault.fleet.Agent;
import org.understudy.vault.fleet.Presence;
import org.understudy.vault.health.HealthRules;
import org.understudy.vault.health.RoleRules;
import org.understudy.vault.inventory.InventoryStore;
import org.understudy.vault.item.AllowedOperations;
import org.understudy.vault.item.Attachments;
import org.understudy.vault.item.HeldRoleStore;
import org.understudy.vault.item.ItemActivity;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.KeptPoints;
import org.understudy.vault.item.Outlooks;
import org.understudy.vault.item.ProgressStore;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.vault.item.ProtectionState;
import org.understudy.vault.item.Relationships;
import org.understudy.vault.item.TargetCopy;
import org.understudy.vault.item.TestFailover;
import org.understudy.vault.policy.CloudPair;
import org.understudy.vault.policy.Policy;
import org.understudy.workflow.Job;

/** Items as REST shows them: the decided state joined with what the agents reported, as of now. */
public final class ItemViews {
    private static final Duration TEST_OPEN_LONG = Duration.ofHours(8);
    /** By agents, of all that goes on. */
    private static final Duration TOLD_AT_LEAST_EVERY = Duration.ofSeconds(30);

    private final ItemSteps steps;
    private final ItemActivity activity;
    private final Relationships relationships;
    private final Attachments attachments;
    private final ProgressStore progress;
    private final InventoryStore inventory;
    private final HeldRoleStore roles;
    private final Outlooks outlooks;

    public ItemViews(ItemSteps steps, ItemActivity activity, Relationships relationships, Attachments attachments,
            ProgressStore progress, InventoryStore inventory) {
        this.steps = steps;
        this.activity = activity;
        this.relationships = relationships;
        this.attachments = attachments;
        this.progress = progress;
        this.inventory = inventory;
        this.roles = new HeldRoleStore(steps.database());
        this.outlooks = new Outlooks(inventory, progress, attachments);
    }

    public ItemView of(ProtectedItem item) {
        Instant now = steps.clock().instant();
        ProgressStore.Progress told = progress.of(item.id());
        Optional<TestFailover> test = activity.test(item);
        Optional<Job> job = activity.job(item);
        // After a failover the old source stands by: what it met last is of an earlier life.
        List<Failure> troubles = Stream.concat(
                told.source().filter(_ -> !runsAtTarget(item))
                        .flatMap(SourceProgress::trouble).stream(),
                told.target().flatMap(TargetProgress::trouble).stream()).toList();
        Optional<Duration> lag = runsAtTarget(item) ? Optional.empty() : lag(told, now);
        PointsHeld held = told.target().map(TargetProgress::held).orElse(PointsHeld.NONE);
        return new ItemView(item.id(), item.machine().vm(), item.name(), item.state().name(),
                description(item.state(), test), location(item.state()), health(item, told, troubles, lag),
                route(item), item.generation(), progress(item, told), lag.map(ItemViews::roundedUp),
                troubles.stream().findFirst().or(() -> job.flatMap(ItemViews::reason)),
                (int) Math.min(Integer.MAX_VALUE, held.count()), held.latest().map(RecoveryPointView::of),
                failedOverTo(item.state()).map(RecoveryPointView::of), adapters(item), test.map(ItemViews::test),
                steps.items().lastTest(item.id()), outlooks.of(item).differences(),
                offered(item, test.isPresent(), held),
                job.map(active -> new Named<>(active.id(), active.type())));
    }

    /** Why its operation does not come on: the step that is tried again says it. */
    private static Optional<Failure> reason(Job job) {
        return job.step().failure();
    }

    private HealthView health(
            ProtectedItem item, ProgressStore.Progress told, List<Failure> troubles, Optional<Duration> lag) {
        Agent source = steps.sourceAgent(item);
        HealthRules.Ends ends = new HealthRules.Ends(
                end(source), end(steps.targetAgent(item)), oldCopyRuns(item, source), copy(item));
        HealthView health = HealthRules.of(new HealthRules.Facts(item.name(), item.state(), ends,
                relationships.policy(item).replication().copyFrequency(), lag, troubles,
                told.source().map(SourceProgress::attempt).orElse(0), activity.job(item).isPresent(),
                outlooks.of(item)));
        RoleRules.Belief belief = new RoleRules.Belief(item.name(), item.state().name(), item.route().source(),
                item.route().target(), runsAtTarget(item));
        List<HeldRoleStore.AtHost> held = roles.of(item.machine().vm());
        List<String> warnings = new ArrayList<>(RoleRules.warnings(belief, held));
        Stream.of(setUpAnew(source), setUpAnew(steps.targetAgent(item)), openTest(item))
                .flatMap(Optional::stream).forEach(warnings::add);
        warnings.addAll(new KeptPoints(steps, progress).warnings(item));
        return HealthRules.withCritical(HealthRules.with(health, warnings), RoleRules.critical(belief, held));
    }

    private Optional<String> setUpAnew(Agent agent) {
        return steps.agents().anew(agent).map(anew -> ("Host %s was set up anew at %s from %s and nobody has confirmed "
                + "that; its address %s is told to nobody before. When it was you: understudy host confirm %s")
                .formatted(agent.name(), anew.at().truncatedTo(ChronoUnit.SECONDS), anew.peer(),
                        anew.replicationAddress(), agent.name()));
    }

    /** A test that nobody cleans up fills the target's disk: nothing is applied while it is open. */
    private Optional<String> openTest(ProtectedItem item) {
        Instant now = steps.clock().instant();
        return activity.test(item).flatMap(TestFailover::startedAt)
                .filter(since -> Duration.between(since, now).compareTo(TEST_OPEN_LONG) > 0)
                .map(since -> ("A test failover of virtual machine '%s' is open for %d hours; what arrives meanwhile "
                        + "is kept and not applied. When you are done with it: understudy failover cleanup %s. The "
                        + "vault ends it after %s.").formatted(item.name(), Duration.between(since, now).toHours(),
                                item.name(), since.plus(TestFailover.OPEN_MAX).truncatedTo(ChronoUnit.MINUTES)));
    }

    /** How the VM stands where it was failed over to, as its host reported it since. */
    private Optional<PowerState> copy(ProtectedItem item) {
        Instant since = steps.items().changedAt(item.id()).orElse(Instant.MAX);
        return !runsAtTarget(item) ? Optional.empty()
                : inventory.machine(item.route().target(), item.machine().vm())
                        .filter(found -> found.reportedAt().isAfter(since))
                        .map(found -> found.machine().power());
    }

    private HealthRules.End end(Agent agent) {
        return new HealthRules.End(agent.name(), !(agent.presence() instanceof Presence.Silent),
                steps.agents().troubles(agent));
    }

    private boolean oldCopyRuns(ProtectedItem item, Agent source) {
        if (!runsAtTarget(item)) {
            return false;
        }
        Instant since = steps.items().changedAt(item.id()).orElse(Instant.MAX);
        return inventory.machine(source.id(), item.machine().vm())
                .filter(found -> found.reportedAt().isAfter(since))
                .filter(found -> found.machine().power() != PowerState.SHUT_OFF).isPresent();
    }

    private ItemView.Route route(ProtectedItem item) {
        CloudPair pair = relationships.pair(item);
        Policy policy = relationships.policy(item);
        return new ItemView.Route(new Named<>(pair.id(), pair.name()), new Named<>(policy.id(), policy.name()),
                steps.sourceAgent(item).named(), steps.targetAgent(item).named());
    }

    private ProgressView progress(ProtectedItem item, ProgressStore.Progress progress) {
        Optional<SourceProgress> source = progress.source();
        Optional<TargetProgress> target = progress.target();
        ByteCount covered = source.map(SourceProgress::covered).orElse(ByteCount.ZERO);
        ByteCount total = source.map(SourceProgress::total).orElse(ByteCount.ZERO);
        return new ProgressView(covered, total, percent(covered, total),
                captured(source, target), acknowledged(source, target),
                target.map(TargetProgress::applied),
                source.map(SourceProgress::waiting).orElse(ByteCount.ZERO),
                source.map(SourceProgress::sent).orElse(ByteCount.ZERO),
                source.map(SourceProgress::changed).orElse(ByteCount.ZERO),
                source.map(SourceProgress::compared).orElse(ByteCount.ZERO),
                source.map(SourceProgress::equal).orElse(ByteCount.ZERO),
                target.map(TargetProgress::journal).orElse(ByteCount.ZERO),
                source.map(SourceProgress::attempt).orElse(0), source.flatMap(SourceProgress::nextAttempt),
                handOver(item, progress),
                latest(progress.sourceReportedAt(), progress.targetReportedAt()));
    }

    /**
     * Told by the host that was the target of the failover; the item may have been reversed since. What was told long
     * ago is over: an earlier direction is told of no more once its replica is gone.
     */
    private Optional<HandOverView> handOver(ProtectedItem item, ProgressStore.Progress progress) {
        ProgressStore.Progress told = item.generation() > RelationshipId.FIRST
                && item.state() instanceof ProtectionState.Replicates
                        ? this.progress.of(item.relationshipBefore()) : progress;
        Instant since = steps.clock().instant().minus(TOLD_AT_LEAST_EVERY.multipliedBy(3));
        return told.target().filter(_ -> told.targetReportedAt().filter(since::isBefore).isPresent())
                .flatMap(TargetProgress::handOver).map(now -> new HandOverView(now.words(),
                now.disk().map(DiskName::value), now.done(), now.total(), now.left()));
    }

    /** The age of the newest instant of the VM that is safe, by whichever end told of the newer one. */
    private static Optional<Duration> lag(ProgressStore.Progress progress, Instant now) {
        Optional<Instant> newestPoint = progress.target().flatMap(target -> target.held().latest())
                .map(RecoveryPoint::capturedAt);
        return latest(progress.source().flatMap(SourceProgress::lastAcknowledgedInstant), newestPoint)
                .map(safe -> Duration.between(safe, now))
                .map(age -> age.isNegative() ? Duration.ZERO : age);
    }

    /** In whole seconds, and never less than would be lost. */
    private static long roundedUp(Duration lag) {
        return lag.plusSeconds(1).minusNanos(1).toSeconds();
    }

    /** The target knows first what is acknowledged; the source may be dead since. */
    private static Optional<LogPosition> acknowledged(
            Optional<SourceProgress> source, Optional<TargetProgress> target) {
        return target.map(TargetProgress::acknowledged).or(() -> source.map(SourceProgress::acknowledged));
    }

    /** What the target acknowledged was captured, though the source may have died before it told. */
    private static Optional<LogPosition> captured(Optional<SourceProgress> source, Optional<TargetProgress> target) {
        return source.map(SourceProgress::captured).map(told -> target.map(TargetProgress::acknowledged)
                .filter(safe -> safe.generation() == told.generation() && safe.isAfter(told)).orElse(told));
    }

    private static int percent(ByteCount covered, ByteCount total) {
        return total.bytes() == 0 ? 0
                : (int) Math.min(100, Math.floor(covered.bytes() * 100.0 / total.bytes()));
    }

    private static Optional<Instant> latest(Optional<Instant> one, Optional<Instant> other) {
        return Stream.concat(one.stream(), other.stream()).max(Instant::compareTo);
    }

    private List<AdapterView> adapters(ProtectedItem item) {
        List<AdapterAttachment> planned = attachments.of(item);
        List<AdapterView> views = new ArrayList<>();
        for (int i = 0; i < planned.size(); i++) {
            NetworkAdapter adapter = item.machine().adapters().get(i);
            AdapterAttachment attachment = planned.get(i);
            views.add(new AdapterView(adapter.index(), adapter.macAddress(), adapter.network(), adapter.subnet(),
                    attachment.network(), attachment.subnet()));
        }
        return views;
    }

    private static TestFailoverView test(TestFailover test) {
        return new TestFailoverView(test.phase(), test.vmName(), test.network(),
                test.point().map(RecoveryPointView::of), test.startedAt(), test.differences(), test.job());
    }

    /** In its first direction nothing was adopted, so there is nothing to let go either. */
    private static List<Operation> offered(ProtectedItem item, boolean testOpen, PointsHeld held) {
        boolean mayKeep = item.generation() > RelationshipId.FIRST || !held.kept().isEmpty();
        return AllowedOperations.in(item.state(), testOpen).stream()
                .filter(operation -> mayKeep || operation != Operation.LET_POINT_GO).toList();
    }

    /** One that is being reversed runs at the source of its next direction, which tells of that one. */
    private static boolean runsAtTarget(ProtectedItem item) {
        return item.state() instanceof ProtectionState.RunsAtTarget;
    }

    private static Optional<RecoveryPoint> failedOverTo(ProtectionState state) {
        return switch (state) {
            case ProtectionState.RunsAtTarget running -> Optional.of(running.point());
            case ProtectionState.Reversing reversing -> Optional.of(reversing.point());
            case ProtectionState.Replicates _, ProtectionState.Passing _ -> Optional.empty();
        };
    }

    private static ItemView.ActiveLocation location(ProtectionState state) {
        return state.copy() == TargetCopy.RUNS ? ItemView.ActiveLocation.TARGET : ItemView.ActiveLocation.SOURCE;
    }

    private static String description(ProtectionState state, Optional<TestFailover> test) {
        if (test.isPresent()) {
            return switch (test.get().phase()) {
                case STARTING -> "Test failover in progress";
                case WAITING_FOR_CLEANUP -> "Cleanup test failover pending";
                case CLEANING_UP -> "Cleaning up test environment";
            };
        }
        return switch (state) {
            case ProtectionState.Enabling _ -> "Enabling protection";
            case ProtectionState.InitialReplication _ -> "Initial replication in progress";
            case ProtectionState.Protected _ -> "Protected";
            case ProtectionState.ResynchronizationRequired _ -> "Resynchronization required";
            case ProtectionState.FailingOver _ -> "Failover in progress";
            case ProtectionState.CommitPending _ -> "Failover completed";
            case ProtectionState.Committed _ -> "Failover committed";
            case ProtectionState.Reversing reversing -> reversing.committed() ? "Reverse replication in progress"
                    : "Failover completed, replicating in the other direction";
            case ProtectionState.Disabling _ -> "Disabling protection";
        };
    }
}
