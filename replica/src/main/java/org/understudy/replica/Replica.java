package org.understudy.replica;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.disk.FolderAccess;
import org.understudy.disk.Folders;
import org.understudy.disk.RawFile;
import org.understudy.model.DiskName;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.model.RecoveryPoint;

/**
 * The one owner of everything a target has of one protected item: disks, journal, undo logs, points, branches.
 *
 * <p><b>Threads.</b> Any. Receiving and acknowledging never wait for applying; whatever reads or writes the raw files
 * or the undo logs does so one after the other.
 *
 * <p><b>Durability.</b> Each method that changes something returns when the change is durable. A crash at any line
 * loses nothing acknowledged and no recovery point; the object is then opened again from its folder.
 *
 * <p><b>Errors.</b> {@link FailureException} for what a person is told, {@link IOException} for everything else of the
 * file system; after either the same call may be made again.
 */
public final class Replica implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Replica.class);

    private final ReplicaFolder folder;
    private final ReplicaSettings settings;
    private final StorageReserve reserve;
    private final WorkRoom room;
    private final StateFile state;
    private final Journal journal;
    final PointCatalog points;
    private final Branches branches;
    private final Definitions definitions;
    private final DiskTurns turns;
    private final Applying applying;
    private final Divergence divergence;
    private final AtomicBoolean trimAsked = new AtomicBoolean();
    private volatile Optional<Failure> trimTrouble = Optional.empty();
    private volatile ReplicaSpec spec;

    private Replica(ReplicaFolder folder, ReplicaSpec spec, StorageReserve reserve, WorkRoom room,
            ReplicaSettings settings) throws IOException {
        this.room = room;
        this.folder = folder;
        this.spec = spec;
        this.settings = settings;
        this.reserve = reserve;
        FaultPoint faults = settings.faults();
        this.state = StateFile.open(folder.state(), spec, faults);
        this.journal = new Journal(spec, folder.journal(), state, reserve, faults);
        this.points = new PointCatalog(spec, folder.undo(), reserve, faults);
        this.branches = new Branches(spec, folder, settings);
        this.definitions = new Definitions(folder.definitions(), folder.definition());
        this.turns = new DiskTurns(spec.vmName(), state, branches);
        Applier applier = new Applier(spec, folder, points, reserve, room, faults);
        this.applying = new Applying(state, journal, applier, reserve, turns, room);
        this.divergence = new Divergence(
                new JournalDamage(state, journal, applying, turns), new DiskHashes(spec, folder, state, turns));
    }

    /** Makes all that a new replica has in its folder, which holds nothing else yet. */
    static void create(ReplicaFolder folder, ReplicaSpec spec) throws IOException {
        for (ReplicaDisk disk : spec.disks()) {
            RawFile.create(folder.disk(disk.name()), disk.size()).close();
        }
        for (Path part : List.of(folder.journal(), folder.undo(), folder.branches(), folder.definitions())) {
            Folders.make(part, FolderAccess.PRIVATE);
        }
        ReplicaJson.write(folder.state(), ReplicaState.fresh(spec));
        ReplicaJson.write(folder.spec(), spec);
    }

    /** Opens a replica as its last user left it, in good order or not. */
    static Replica open(ReplicaFolder folder, StorageReserve reserve, WorkRoom room, ReplicaSettings settings)
            throws IOException {
        ReplicaSpec spec = ReplicaJson.read(folder.spec(), ReplicaSpec.class).orElseThrow(() ->
                FailureException.of(FailureCode.REPLICA_CORRUPT, "folder " + folder.path() + " has no replica.json"));
        if (!folder.path().getFileName().toString().equals(spec.item().toString())) {
            throw FailureException.of(FailureCode.REPLICA_CORRUPT, "folder " + folder.path() + " holds a replica of "
                    + spec.vmName() + " that belongs in folder " + spec.item() + ": it is a copy, or was renamed; "
                    + "it is neither used nor deleted", "Move it out of the folder of replicas, or give it its name.");
        }
        folder.completeUntouched(spec);
        Replica replica = new Replica(folder, spec, reserve, room, settings);
        replica.openFiles();
        return replica;
    }

    private void openFiles() throws IOException {
        requireWholeDisks();
        branches.open();
        journal.open();
        definitions.open();
        points.open(state.current());
        noteLostInstant();
        if (state.current().committed()) {
            journal.clear();
            points.clear();
        }
    }

    private void requireWholeDisks() throws IOException {
        for (ReplicaDisk disk : spec.disks()) {
            Path file = folder.disk(disk.name());
            if (!Files.exists(file) || Files.size(file) != disk.size().bytes()) {
                throw FailureException.of(FailureCode.REPLICA_CORRUPT, "replica disk " + file
                        + " is missing or not of " + disk.size().bytes() + " bytes");
            }
        }
    }

    private void noteLostInstant() throws IOException {
        if (points.takeAppliedLost()) {
            state.update(ReplicaState::appliedIsNoPoint);
        }
    }

    public ReplicaSpec spec() {
        return spec;
    }

    /** Where the source is to go on; it begins anew, so what another connection is sending ends. */
    public JournalPosition standing() throws IOException {
        turns.requireOpen();
        return divergence.damage.toldIn(journal.standing());
    }

    public Divergence divergence() {
        return divergence;
    }

    /**
     * Takes the segment of one disk at the position after the acknowledged one.
     *
     * @param capture which capture of the position it is of; what is held of another is dropped
     * @param fromOffset 0, or the verified bytes that {@link #standing} told of the same capture
     */
    public SegmentReceiver receive(DiskName disk, LogPosition position, long capture, long fromOffset)
            throws IOException {
        turns.requireOpen();
        divergence.damage.requireNone();
        return journal.receive(disk, position, capture, fromOffset);
    }

    /** Promises, once the segments of all disks at a position are durable, that it is never lost (D-03). */
    public void acknowledge(LogPosition position) throws IOException {
        turns.requireOpen();
        try {
            journal.acknowledge(position);
        } catch (IOException e) {
            throw reserve.orFull(e);
        }
        applying.wake();
    }

    /** Takes nothing from the source from now on, also after a restart (UF-03). */
    public void fence() throws IOException {
        turns.requireOpen();
        journal.fence(true);
        LOG.info("replica fenced item={} acknowledged={}", spec.item(), state.current().acknowledged().position());
    }

    /** Takes from the source again; refused after a commit, and while a failover's branch is open. */
    public void unfence() throws IOException {
        try (DiskTurns.Turn _ = turns.take()) {
            turns.requireOpen();
            if (state.current().committed() || !branches.all().isEmpty()) {
                throw FailureException.of(FailureCode.STATE_FORBIDS, "Replica of VM " + spec.vmName()
                        + " has been failed over or is being tested: it takes nothing from its source.");
            }
            journal.fence(false);
            LOG.info("replica is no longer fenced item={} acknowledged={}", spec.item(),
                    state.current().acknowledged().position());
        }
        applying.wake();
    }

    public boolean fenced() {
        return state.current().fenced();
    }

    /** What its folder is for now. */
    Holding.Use use() {
        ReplicaState now = state.current();
        return now.committed() ? Holding.Use.COMMITTED
                : now.fenced() ? Holding.Use.FAILED_OVER : Holding.Use.REPLICATES;
    }

    /** Applies nothing until {@link #release} of the same reason; holds through restarts. */
    public void hold(String reason) throws IOException {
        turns.requireOpen();
        try (DiskTurns.Turn _ = turns.take()) {
            state.update(now -> now.hold(reason));
        }
    }

    /** Takes back a {@link #hold}; there need not be one. */
    public void release(String reason) throws IOException {
        turns.requireOpen();
        state.update(now -> now.release(reason));
        applying.wake();
    }

    /** Why nothing is applied just now; empty when it is. */
    public Optional<String> heldBecause() {
        return turns.heldBecause();
    }

    /**
     * Applies what is acknowledged, position by position, unless applying is held; answers how many were applied.
     * TARGET_STORAGE_FULL when space is short, RESYNCHRONIZATION_REQUIRED when a journaled segment is damaged.
     */
    public int applyPending() throws IOException {
        return applyWhile(() -> true);
    }

    /** The same, but stops after the position at which {@code goOn} says no. */
    int applyWhile(BooleanSupplier goOn) throws IOException {
        return applying.applyWhile(goOn);
    }

    /** Waits until there may be something to apply, or for so long; answers whether somebody said so. */
    boolean awaitWork(Duration timeout) throws InterruptedException {
        return applying.awaitWork(timeout);
    }

    /** Ends an {@link #awaitWork}. */
    void wake() {
        applying.wake();
    }

    /**
     * Drops and merges the points that the retention does not keep. Nothing while a branch is open, and nothing after
     * the fence: then whoever failed over may still choose another point.
     */
    public void trimPoints() throws IOException {
        try (WorkRoom.Place _ = room.toMerge()) {
            for (RetentionPlanner.Run run : retentionPlan().runs()) {
                while (trimPiece(run)) {
                    continue;
                }
            }
            trimTrouble = Optional.empty();
        } catch (FailureException e) {
            trimTrouble = Optional.of(e.failure());
            throw e;
        } catch (IOException | RuntimeException | Error e) {
            trimTrouble = Optional.of(FailureException.of(FailureCode.TARGET_IO_FAILED,
                    "points of " + spec.vmName() + " in " + folder.path() + " cannot be dropped or merged: " + e)
                    .failure());
            throw e;
        }
        if (!fenced()) {
            definitions.keepFor(points().newestFirst().stream().map(RecoveryPoint::position).toList(),
                    state.current().acknowledged().position());
        }
    }

    private RetentionPlanner.Plan retentionPlan() {
        return RetentionPlanner.plan(
                points.instants(state.current().applied()), settings.clock().instant(), spec.retention());
    }

    /** One piece at a time under the lock: neither applying nor a branch waits for all of it. */
    private boolean trimPiece(RetentionPlanner.Run run) throws IOException {
        try (DiskTurns.Turn _ = turns.take()) {
            return !fenced() && turns.mayChange() && points.trim(run);
        } catch (IOException e) {
            throw reserve.orFull(e);
        }
    }

    /** Whether there is a reason to trim before it is time: the retention was changed; told once. */
    boolean takeTrimAsked() {
        return trimAsked.getAndSet(false);
    }

    /** The points that the item can be started from now: a picture of all, which is 2.5 MB where there are many. */
    public RecoveryPoints points() {
        ReplicaState now = state.current();
        LogPosition applied = now.applied().position();
        return new RecoveryPoints(now.committed() ? List.of() : points.chain.points(applied, newest(now)), applied);
    }

    /** Some of those points, newest first: from {@code from} on, or from the newest; at most {@code limit}. */
    public List<RecoveryPoint> points(Optional<LogPosition> from, int limit) {
        ReplicaState now = state.current();
        return now.committed() ? List.of() : points.chain.page(now.applied().position(), newest(now), from, limit);
    }

    private PointsSummary summary(ReplicaState now) {
        return now.committed() ? PointsSummary.NONE : points.chain.summary(now.applied().position(), newest(now));
    }

    /** The points that no undo log gives: what is journaled, and the disks as they are. */
    private List<RecoveryPoint> newest(ReplicaState now) {
        List<RecoveryPoint> newest = new ArrayList<>();
        journal.pending(now).reversed().forEach(instant -> instant.asPoint().ifPresent(newest::add));
        now.applied().asPoint().ifPresent(newest::add);
        return newest;
    }

    /**
     * Makes disks of a point that a VM may write to; the same call again answers the same branch. A point that is only
     * journaled is applied first. Applying is held until the branch is removed.
     */
    public Branch branch(LogPosition point, String name, Branch.Purpose purpose) throws IOException {
        Branches.requireLegalName(name);
        try (WorkRoom.Place _ = room.toApply(); DiskTurns.Turn _ = turns.take()) {
            turns.requireOpen();
            Optional<Branch> existing = branches.find(name);
            return existing.isPresent()
                    ? same(existing.get(), point, purpose) : newBranch(points().custom(point), name, purpose);
        } catch (IOException e) {
            throw reserve.orFull(e);
        }
    }

    private Branch newBranch(RecoveryPoint point, String name, Branch.Purpose purpose) throws IOException {
        applying.applyUpTo(point.position());
        List<UndoStep> stepsBack = stepsBackTo(point.position());
        // Each byte is written once, so the largest log is the least that is needed; the rest is asked for on the way.
        // Disks of what is processed take next to nothing: a failover to them shall not wait for space.
        (stepsBack.isEmpty() ? reserve.forMakingRoom() : reserve).require(UndoStep.largestLog(stepsBack));
        try {
            Branch branch = branches.create(
                    new Branches.Record(name, purpose, point, settings.clock().instant()), stepsBack,
                    reserve::require);
            LOG.info("branch made item={} name={} purpose={} point={}", spec.item(), name, purpose, point.position());
            return branch;
        } catch (UndoDamage e) {
            FailureException failure = points.damaged(e, state.current().applied().position());
            noteLostInstant();
            throw failure;
        }
    }

    private Branch same(Branch existing, LogPosition point, Branch.Purpose purpose) {
        if (existing.point().position().equals(point) && existing.purpose() == purpose) {
            return existing;
        }
        throw FailureException.of(FailureCode.ALREADY_EXISTS, "branch " + existing.name() + " of " + spec.vmName()
                + " exists for " + existing.purpose() + " at " + existing.point().position(),
                "Remove it first, or choose another name.");
    }

    /** What would have to be written over the raw files to have a point that is applied. */
    List<UndoStep> stepsBackTo(LogPosition point) {
        try (DiskTurns.Turn _ = turns.take()) {
            return points.stepsBackTo(point, state.current().applied().position());
        }
    }

    /** The branches that are open. */
    public List<Branch> branches() {
        return branches.all();
    }

    /** Notes durably that a VM may be defined on a branch from now on; or, when none was, that it may not be yet. */
    public void give(String branch, boolean given) throws IOException {
        try (DiskTurns.Turn _ = turns.take()) {
            turns.requireOpen();
            branches.give(branch, given);
        }
    }

    /** Deletes a branch's own files, and so what was written to it (TF-17); refused for a committed failover. */
    public void removeBranch(String name) throws IOException {
        try (DiskTurns.Turn _ = turns.take()) {
            turns.requireOpen();
            if (state.current().committed() && branches.find(name).isPresent()) {
                throw FailureException.of(FailureCode.STATE_FORBIDS, "branch " + name + " is the disk of "
                        + spec.vmName() + " since its failover was committed", "Delete the VM itself, if you must.");
            }
            branches.remove(name);
            LOG.info("branch removed item={} name={}", spec.item(), name);
        }
        applying.wake();
    }

    /** Makes the failover final: keeps its branch and the raw files below it, deletes every point (RP-08). */
    public void commit() throws IOException {
        try (DiskTurns.Turn _ = turns.take()) {
            turns.requireOpen();
            requireCommittable();
            state.update(ReplicaState::commit);
            journal.clear();
            points.clear();
            LOG.info("failover committed item={}", spec.item());
        }
    }

    private void requireCommittable() {
        List<Branch> open = branches.all();
        Optional<Branch> test = open.stream().filter(it -> it.purpose() == Branch.Purpose.TEST).findFirst();
        if (test.isPresent()) {
            throw FailureException.of(FailureCode.IN_USE,
                    "test branch " + test.get().name() + " of " + spec.vmName() + " is open");
        }
        if (open.size() != 1) {
            throw FailureException.of(FailureCode.STATE_FORBIDS, "the replica of " + spec.vmName() + " has "
                    + open.size() + " failover branches; one is needed to commit", "Fail over first.");
        }
    }

    /** Keeps how the VM is defined from a position on that is not acknowledged yet; durable before that position is. */
    public void rememberDefinition(LogPosition position, String definition) throws IOException {
        turns.requireOpen();
        journal.requireNotFenced();
        LogPosition acknowledged = state.current().acknowledged().position();
        if (ReplicaInstant.ORDER.compare(position, acknowledged) < 0) {
            throw FailureException.of(FailureCode.REQUEST_INVALID, "The replica of " + spec.vmName() + " stands at "
                    + acknowledged + ": how the VM was defined at " + position + " is not changed any more.",
                    "Ask where the target stands and go on from there.");
        }
        try {
            definitions.remember(position, definition);
        } catch (IOException e) {
            throw reserve.orFull(e);
        }
    }

    /** The VM's definition at a position: the newest that was told at or before it. */
    public Optional<String> definition(LogPosition position) throws IOException {
        return definitions.at(position);
    }

    /** The VM's definition as last remembered. */
    public Optional<String> definition() throws IOException {
        return definitions.at(state.current().acknowledged().position());
    }

    /** Goes on as told: with another retention, or in a later generation, whose points follow the ones that are. */
    void change(ReplicaSpec changed) throws IOException {
        boolean begins = changed.generation() > spec.generation();
        if (begins) {
            turns.requireOpen();
            journal.requireNotFenced();
            applyBeforeResynchronization();
        }
        try (DiskTurns.Turn _ = turns.take()) {
            turns.requireOpen();
            if (begins) {
                journal.requireNotFenced();
            }
            ReplicaJson.write(folder.spec(), changed);
            settings.faults().reached("spec changed");
            if (begins) {
                journal.beginGeneration(changed.generation());
                LOG.info("generation began item={} generation={}", changed.item(), changed.generation());
            }
            spec = changed;
        }
        trimAsked.set(true);
        applying.wake();
    }

    /** What is acknowledged becomes points first, unless damage or a hold forbids; the new generation replaces it. */
    private void applyBeforeResynchronization() throws IOException {
        try {
            applyPending();
        } catch (FailureException e) {
            LOG.warn("journal given up for a new generation item={} trouble={}", spec.item(), e.failure().message());
        }
        applying.forgetTrouble();
    }

    /** How this replica stands now. */
    public ReplicaReport report() throws IOException {
        ReplicaState now = state.current();
        Optional<Failure> trouble = applying.trouble().or(journal::trouble).or(() -> trimTrouble).or(points::damage);
        return new ReplicaReport(spec.item(), now.acknowledged().position(), now.applied().position(),
                journal.bytes(), summary(now), heldBecause(), now.fenced(), now.committed(), trouble);
    }

    /** Waits for the position being applied, then releases all files. */
    @Override
    public void close() throws IOException {
        turns.close();
        journal.closeReceivers();
        applying.close();
    }
}
