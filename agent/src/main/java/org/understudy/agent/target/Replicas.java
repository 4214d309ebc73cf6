package org.understudy.agent.target;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.agent.vault.CommandProgress;
import org.understudy.command.AgentCommand;
import org.understudy.command.AgentCommand.PrepareReplica;
import org.understudy.command.AgentReport;
import org.understudy.command.CommandOutcome;
import org.understudy.command.HeldFolder;
import org.understudy.command.PointsHeld;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.FailureTeller;
import org.understudy.model.LogPosition;
import org.understudy.model.RecoveryPoint;
import org.understudy.model.RelationshipId;
import org.understudy.model.VmId;
import org.understudy.replica.Adoption;
import org.understudy.replica.ApplyLoop;
import org.understudy.replica.PointsSummary;
import org.understudy.replica.Replica;
import org.understudy.replica.ReplicaCatalog;
import org.understudy.replica.ReplicaDisk;
import org.understudy.replica.ReplicaReport;
import org.understudy.replica.ReplicaSpec;
import org.understudy.replica.Retention;

/** The owner of the replicas' loops: one that applies for each replica of this host, from its making to its removal. */
public final class Replicas implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Replicas.class);

    private final ReplicaCatalog catalog;
    private final Clock clock;
    private final Feeding feeding;
    private final HoldingsList holdings;
    private final MachineReadiness readiness;
    private final Function<Replica, ApplyLoop> starting;
    private final Map<RelationshipId, ApplyLoop> loops = new ConcurrentHashMap<>();

    public Replicas(ReplicaCatalog catalog, MachineReadiness readiness, Clock clock) {
        this(catalog, readiness, clock,
                replica -> ApplyLoop.start(replica, System::nanoTime, ApplyLoop.Pauses.USUAL));
    }

    /** With loops that are begun otherwise. */
    Replicas(ReplicaCatalog catalog, MachineReadiness readiness, Clock clock, Function<Replica, ApplyLoop> starting) {
        this.starting = starting;
        this.catalog = catalog;
        this.clock = clock;
        this.feeding = new Feeding(catalog, clock);
        this.holdings = new HoldingsList(catalog, feeding, clock);
        this.readiness = readiness;
    }

    /** Whether this host has a replica of a relationship. */
    public boolean has(RelationshipId relationship) {
        return catalog.find(relationship).isPresent();
    }

    /** Starts the loops of all replicas that are there. */
    public void resume() {
        catalog.all().forEach(this::startApplying);
    }

    /** Makes a replica, durably; the same one again changes its retention alone. */
    public void prepare(PrepareReplica asked) throws IOException {
        List<ReplicaDisk> disks = ReplicaDisks.of(asked.disks());
        if (catalog.find(asked.relationship()).isEmpty()) {
            requireRoom(asked.vmName(), disks);
        }
        startApplying(catalog.create(spec(asked)));
    }

    /** Makes a replica over disks that are there, durably; the same one again changes its retention alone. */
    void adopt(PrepareReplica asked, Adoption adoption) throws IOException {
        startApplying(catalog.adopt(spec(asked), adoption));
    }

    private static ReplicaSpec spec(PrepareReplica asked) {
        Retention retention = new Retention(asked.retention().standardPoints(), asked.retention().recentWindow());
        return new ReplicaSpec(asked.relationship().item(), asked.relationship().generation(), asked.vm(),
                asked.vmName(), asked.sourceHost(), ReplicaDisks.of(asked.disks()), retention);
    }

    private void requireRoom(String vmName, List<ReplicaDisk> disks) throws IOException {
        List<String> obstacles = catalog.fit(disks, Optional.empty()).obstacles();
        if (!obstacles.isEmpty()) {
            throw FailureException.of(FailureCode.TARGET_CANNOT_RUN_VM, "VM " + vmName
                    + " cannot be replicated to this host: " + String.join(" ", obstacles),
                    "Make room there, as the message says, or choose another host; nothing was made.");
        }
    }

    /** How every replica stands, each by itself; and what hinders those that could not even be opened. */
    public List<AgentReport.TargetProgress> reports(Consumer<Failure> troubles) {
        List<AgentReport.TargetProgress> reports = new ArrayList<>();
        for (Replica replica : catalog.all()) {
            try {
                reports.add(report(replica));
            } catch (IOException | RuntimeException e) {
                LOG.warn("replica could not be reported relationship={} reason={}", replica.spec().relationship(),
                        e.toString());
                troubles.accept(FailureException.of(FailureCode.TARGET_IO_FAILED,
                        "How the replica of VM " + replica.spec().vmName() + " stands cannot be read: "
                                + FailureTeller.reason(e) + ".").failure());
            }
        }
        catalog.unreadable().forEach((folder, reason) -> troubles.accept(FailureException.of(
                FailureCode.REPLICA_CORRUPT, "The replica in " + folder + " cannot be opened: " + reason,
                "Restore the folder, then start the agent again; nothing in it is changed meanwhile.").failure()));
        return reports;
    }

    /** The folders of all replicas, with what they take. */
    public CommandOutcome.Holdings holdings() throws IOException {
        return holdings.list();
    }

    /** Some of a relationship's points. */
    public CommandOutcome.Points points(AgentCommand.ListPoints asked) {
        Replica replica = find(asked.relationship());
        asked.from().filter(from -> from.generation() != asked.relationship().generation()).ifPresent(other -> {
            throw FailureException.of(FailureCode.REQUEST_INVALID, "Position " + other + " is of another direction of "
                    + "the item than its replica here, which has positions " + asked.relationship().generation()
                    + "-…");
        });
        return new CommandOutcome.Points(replica.points(asked.from(), asked.limit()));
    }

    /** The identities that test VMs of this host's replicas have or would have. */
    public Set<VmId> testMachines() {
        return catalog.all().stream()
                .map(replica -> ReplicaMachines.testId(replica.spec().relationship()))
                .collect(Collectors.toSet());
    }

    private AgentReport.TargetProgress report(Replica replica) throws IOException {
        ReplicaReport report = replica.report();
        return new AgentReport.TargetProgress(
                report.relationship(), report.acknowledged(), report.applied(), report.journal(),
                held(replica, report.points()),
                endedLoop(replica).or(report::trouble), readiness.of(replica), Optional.empty());
    }

    private static PointsHeld held(Replica replica, PointsSummary points) {
        List<RecoveryPoint> kept = replica.kept().stream().sorted(LogPosition.ORDER)
                .flatMap(position -> replica.points(Optional.of(position), 1).stream()
                        .filter(point -> point.position().equals(position))).toList();
        return new PointsHeld(points.count(), points.newest(), points.oldest(), points.newestApplication(), kept);
    }

    /** Lets a kept point go, durably; one that is not kept, or not any more, is said to be so. */
    public CommandOutcome letGo(AgentCommand.LetPointGo asked) throws IOException {
        Replica replica = find(asked.relationship());
        if (!replica.kept().contains(asked.point())) {
            return new CommandOutcome.Done(Optional.of("point " + asked.point() + " was not kept"));
        }
        replica.letGo(asked.point());
        return new CommandOutcome.Done();
    }

    private Replica find(RelationshipId relationship) {
        return catalog.find(relationship).orElseThrow(() -> FailureException.of(
                FailureCode.NOT_FOUND, "This host has no replica of the relationship " + relationship + "."));
    }

    /** That nothing applies any more, which no turn of a loop can tell; a loop that is closed is not ours any more. */
    private Optional<Failure> endedLoop(Replica replica) {
        return Optional.ofNullable(loops.get(replica.spec().relationship())).filter(loop -> !loop.isAlive())
                .map(_ -> FailureException.of(FailureCode.INTERNAL_ERROR, "Nothing applies to the replica of VM "
                        + replica.spec().vmName() + " any more what it receives: the agent's loop for it has ended.",
                        "Start the agent on this host again (systemctl restart understudy-agent); what was received "
                                + "is kept and applied then. Its log says why the loop ended.").failure());
    }

    private void startApplying(Replica replica) {
        loops.compute(replica.spec().relationship(), (_, loop) -> loop != null && loop.isAlive() ? loop
                : starting.apply(replica));
    }

    /** Which of them are fed. */
    Feeding feeding() {
        return feeding;
    }

    /**
     * Removes a relationship's replica; refused while a VM runs from it, for it would lose its disks, and if so asked
     * while a source may feed it.
     */
    public void remove(AgentCommand.RemoveReplica asked) throws IOException {
        RelationshipId relationship = asked.relationship();
        Optional<Replica> known = catalog.find(relationship);
        if (asked.unlessFed() && known.isPresent()) {
            requireUnfed(known.get());
        }
        ApplyLoop loop = loops.remove(relationship);
        if (loop != null) {
            loop.close();
        }
        try {
            CommandProgress.says("deletes the replica's files");
            catalog.remove(relationship, asked.letGo());
            holdings.removed(relationship);
        } finally {
            catalog.find(relationship).ifPresent(this::startApplying);
        }
    }

    private void requireUnfed(Replica replica) throws IOException {
        Instant now = clock.instant();
        Optional<Instant> fed = feeding.lastFed(replica).filter(now.minus(HeldFolder.FED_LATELY)::isBefore);
        if (fed.isPresent()) {
            throw FailureException.of(FailureCode.IN_USE, "The replica of VM " + replica.spec().vmName()
                    + " is kept: its source, host " + replica.spec().source() + ", feeds it, or did so "
                    + Duration.between(fed.get(), now).toMinutes() + " min ago.",
                    "A vault that was restored from a backup may not know an item that lives. If this one has ended, "
                            + "stop the agent of its source, or remove what that was told, and ask again "
                            + HeldFolder.FED_LATELY.toMinutes() + " min later.");
        }
    }

    /** Ends the loops, each after the position it is applying. */
    @Override
    public void close() {
        List<ApplyLoop> ending = List.copyOf(loops.values());
        loops.clear();
        ending.forEach(ApplyLoop::close);
    }
}
