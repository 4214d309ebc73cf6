package org.understudy.replica;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.disk.BlockDevice;
import org.understudy.disk.FolderAccess;
import org.understudy.disk.Folders;
import org.understudy.model.DiskName;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.model.RecoveryPoint;
import org.understudy.replication.MachineState;
import org.understudy.replication.ReplicaSession;
import org.understudy.replication.SegmentOffer;
import org.understudy.replication.SegmentReceiver;
import org.understudy.replication.TargetStanding;

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
    final ReplicaStore store;
    final MachineHistory machine;
    private final DiskTurns turns;
    private final Applying applying;
    private final Divergence divergence;
    private final Retaining retaining;
    private final Branching branching;
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
        this.store = new RawUndoStore(spec, folder, reserve, room, settings);
        this.turns = new DiskTurns(spec.vmName(), state, store);
        this.machine = new MachineHistory(folder, state, journal, turns, reserve, faults);
        this.applying = new Applying(state, journal, store, reserve, turns, room);
        this.divergence = new Divergence(
                new JournalDamage(state, journal, applying, turns), new DiskHashes(spec, store, state, turns));
        this.retaining = new Retaining(store, state, turns, reserve, room, Pins.open(folder.pins()));
        this.branching = new Branching(spec, state, store, turns, applying);
    }

    /** Makes all that a new replica has in its folder, which holds nothing else yet. */
    static void create(ReplicaFolder folder, ReplicaSpec spec) throws IOException {
        RawUndoStore.create(folder, spec);
        complete(folder, spec, ReplicaState.fresh(spec));
    }

    /** The same over disks that are there, whose content is its first position. */
    static void adopt(ReplicaFolder folder, ReplicaSpec spec, Adoption adoption) throws IOException {
        RawUndoStore.adopt(folder, spec, adoption);
        ReplicaState state = ReplicaState.adopting(spec, adoption.capturedAt());
        if (adoption.kept()) {
            ReplicaJson.write(folder.pins(), new Pins.Record(List.of(state.applied().position())));
        }
        complete(folder, spec, state);
        MachineHistory.begin(folder.machines(), state.applied().position(), adoption.state());
    }

    private static void complete(ReplicaFolder folder, ReplicaSpec spec, ReplicaState state) throws IOException {
        for (Path part : List.of(folder.journal(), folder.undo(), folder.branches(), folder.machines())) {
            Folders.make(part, FolderAccess.PRIVATE);
        }
        ReplicaJson.write(folder.state(), state);
        ReplicaJson.write(folder.spec(), spec);
    }

    /** Opens a replica as its last user left it, in good order or not. */
    static Replica open(ReplicaFolder folder, StorageReserve reserve, WorkRoom room, ReplicaSettings settings)
            throws IOException {
        ReplicaSpec spec = ReplicaJson.read(folder.spec(), ReplicaSpec.class).orElseThrow(() ->
                FailureException.of(FailureCode.REPLICA_CORRUPT, "folder " + folder.path() + " has no replica.json"));
        String name = spec.relationship().folderName();
        if (!folder.path().getFileName().toString().equals(name)) {
            throw FailureException.of(FailureCode.REPLICA_CORRUPT, "folder " + folder.path() + " holds a replica of "
                    + spec.vmName() + " that belongs in folder " + name + ": it is a copy, or was renamed; "
                    + "it is neither used nor deleted", "Move it out of the folder of replicas, or give it its name.");
        }
        folder.completeUntouched(spec);
        Replica replica = new Replica(folder, spec, reserve, room, settings);
        replica.openFiles();
        return replica;
    }

    private void openFiles() throws IOException {
        store.open(state.current());
        journal.open();
        machine.open();
        branching.noteLostInstant();
        if (state.current().committed()) {
            journal.clear();
            store.forgetInstants();
        }
    }

    public ReplicaSpec spec() {
        return spec;
    }

    /** Where the source is to go on; it begins anew, so what another connection is sending ends. */
    public TargetStanding standing() throws IOException {
        turns.requireOpen();
        machine.forgetStatesNotPromised();
        return divergence.damage.toldIn(journal.standing());
    }

    public Divergence divergence() {
        return divergence;
    }

    /** A source's session with this replica, for the wire; the replica outlives it. */
    public ReplicaSession session(SourceSession.DefinitionCheck check) {
        return new SourceSession(this, check);
    }

    /** Takes the segment of one disk at the position after the acknowledged one. */
    public SegmentReceiver receive(SegmentOffer offer) throws IOException {
        turns.requireOpen();
        divergence.damage.requireNone();
        return journal.receive(offer.disk(), offer.position(), offer.capture(), offer.fromOffset());
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
            if (state.current().committed() || !store.branches().isEmpty()) {
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
        retaining.trim(spec, settings.clock().instant());
        if (!fenced()) {
            machine.keepFor(points().newestFirst().stream().map(RecoveryPoint::position).toList(),
                    state.current().acknowledged().position());
        }
    }

    /** Whether there is a reason to trim before it is time: the retention was changed; told once. */
    boolean takeTrimAsked() {
        return retaining.takeAsked();
    }

    /** Whether its disks were there before it, and are a VM's own. */
    public boolean adopted() {
        return store.can(ReplicaStore.Ability.IS_ADOPTED);
    }

    /** The points that stay, whatever the retention says, until they are let go. */
    public Set<LogPosition> kept() {
        return retaining.pins().all();
    }

    /**
     * Lets a kept point go, durably: from now on it is subject to the retention. NO_RECOVERY_POINT when no such point
     * is kept: who names another has another in mind.
     */
    public void letGo(LogPosition point) throws IOException {
        try (DiskTurns.Turn _ = turns.take()) {
            turns.requireOpen();
            if (!retaining.pins().letGo(point)) {
                throw FailureException.of(FailureCode.NO_RECOVERY_POINT, "Point " + point + " of VM " + spec.vmName()
                        + " is not kept; kept are " + kept() + ".", "Name one of those.");
            }
            LOG.info("kept point let go item={} point={}", spec.item(), point);
        }
        retaining.ask();
        applying.wake();
    }

    /** The points that the item can be started from now: a picture of all, which is 2.5 MB where there are many. */
    public RecoveryPoints points() {
        ReplicaState now = state.current();
        LogPosition applied = now.applied().position();
        return new RecoveryPoints(now.committed() ? List.of() : store.instants().points(applied, newest(now)), applied);
    }

    /** Some of those points, newest first: from {@code from} on, or from the newest; at most {@code limit}. */
    public List<RecoveryPoint> points(Optional<LogPosition> from, int limit) {
        ReplicaState now = state.current();
        return now.committed() ? List.of() : store.instants().page(now.applied().position(), newest(now), from, limit);
    }

    private PointsSummary summary(ReplicaState now) {
        return now.committed() ? PointsSummary.NONE : store.instants().summary(now.applied().position(), newest(now));
    }

    /** The points that no undo log gives: what is journaled, and the disks as they are. */
    private List<RecoveryPoint> newest(ReplicaState now) {
        List<RecoveryPoint> newest = new ArrayList<>();
        journal.pending(now).reversed().forEach(instant -> instant.asPoint().ifPresent(newest::add));
        now.applied().asPoint().ifPresent(newest::add);
        return newest;
    }

    /** The same, with the images in the replica's own folder. */
    public Branch branch(LogPosition point, String name, Branch.Purpose purpose) throws IOException {
        return branch(point, name, purpose, BranchPlace.INSIDE);
    }

    /**
     * Makes disks of a point that a VM may write to; the same call again answers the same branch, wherever that lies. A
     * point that is only journaled is applied first. Applying is held until the branch is removed.
     */
    public Branch branch(LogPosition point, String name, Branch.Purpose purpose, BranchPlace place)
            throws IOException {
        Branches.requireLegalName(name);
        try (WorkRoom.Place _ = room.toApply(); DiskTurns.Turn _ = turns.take()) {
            turns.requireOpen();
            Optional<Branch> existing = branching.existing(name, point, purpose);
            return existing.isPresent() ? existing.get()
                    : branching.make(new Branches.Wish(name, purpose, points().custom(point), place));
        } catch (IOException e) {
            throw reserve.orFull(e);
        }
    }

    /** The branches that are open. */
    public List<Branch> branches() {
        return store.branches();
    }

    /** Notes durably that a VM may be defined on a branch from now on; or, when none was, that it may not be yet. */
    public void give(String branch, boolean given) throws IOException {
        try (DiskTurns.Turn _ = turns.take()) {
            turns.requireOpen();
            store.give(branch, given);
        }
    }

    /** Deletes a branch's own files, and so what was written to it (TF-17); refused for a committed failover. */
    public void removeBranch(String name) throws IOException {
        branching.remove(name);
        applying.wake();
    }

    /**
     * Makes the failover final: keeps its branch and the disks below it, deletes every point (RP-08). Refused while a
     * point is kept that nobody has let go.
     */
    public void commit() throws IOException {
        try (DiskTurns.Turn _ = turns.take()) {
            turns.requireOpen();
            branching.requireCommittable(kept());
            state.update(ReplicaState::commit);
            journal.clear();
            store.forgetInstants();
            LOG.info("failover committed item={}", spec.item());
        }
    }

    /**
     * What is left to do until the disks of the committed VM are its own; nothing but {@link #handedOver} when the list
     * is empty. Empty itself while no failover is committed, after the hand over, and for disks of a version that kept
     * them in the replica's folder, where they stay.
     */
    public Optional<List<HandOver>> handOver() throws IOException {
        return branching.handOver();
    }

    /**
     * Refuses with TARGET_STORAGE_FULL where handing a disk over would take the last room of a file system: VMs that
     * write to images there would stand still.
     *
     * @param begun whether it is under way, and only has to leave room yet
     */
    public void requireRoom(HandOver disk, boolean begun) throws IOException {
        store.requireRoom(disk, begun);
    }

    /** Hands one disk over whose VM is off; it cannot be started meanwhile. Takes as long as a copy of the disk. */
    public void handOverAtRest(HandOver disk) throws IOException {
        store.handOverAtRest(disk);
    }

    /**
     * Passes when none of a VM's images rests on a disk in the replica's folder, whatever lies between; else
     * STATE_FORBIDS: that disk is not to go, though the branch's own image may have been renamed or taken away.
     */
    public void requireUnused(Collection<Path> images) throws IOException {
        branching.requireUnused(images, folder.path());
    }

    /**
     * Notes that the disks of the committed VM are its own: what is left of the replica can be removed.
     *
     * @param moved the adopted disks that the VM's definition names at their own path again
     */
    public void handedOver(List<DiskName> moved) throws IOException {
        branching.handedOver(moved);
    }

    /**
     * Looks at a disk as the acknowledged position left it, while nothing changes it: STATE_FORBIDS while something
     * waits to be applied, or applying is held. Applying waits as long as this takes.
     */
    public <T> T atRest(DiskName disk, Look<T> look) throws IOException {
        try (DiskTurns.Turn _ = turns.take()) {
            turns.requireOpen();
            Optional<String> held = heldBecause();
            if (held.isPresent() || !state.current().upToDate()) {
                throw FailureException.of(FailureCode.STATE_FORBIDS, "The disks of the replica of VM " + spec.vmName()
                        + " are not what was acknowledged last: " + held.orElse("some of it is not applied yet") + ".",
                        "Ask again when that is over.");
            }
            return look.at(store.disk(disk));
        }
    }

    /** What is done with a disk that stands still; only to read. */
    @FunctionalInterface
    public interface Look<T> {
        T at(BlockDevice disk) throws IOException;
    }

    /** What would have to be written over the disks to have a point that is applied. */
    List<UndoStep> stepsBackTo(LogPosition point) {
        try (DiskTurns.Turn _ = turns.take()) {
            return ((RawUndoStore) store).stepsBackTo(point, state.current().applied().position());
        }
    }

    /** Keeps how the VM is defined from a position on that is not acknowledged yet; durable before that position is. */
    public void rememberDefinition(LogPosition position, String definition) throws IOException {
        machine.define(position, definition);
    }

    /** Keeps what the VM's firmware and TPM keep from such a position on; durable before that position is. */
    public void rememberState(LogPosition position, MachineState state) throws IOException {
        machine.keep(position, state);
    }

    /** The VM's definition at a position: the newest that was told at or before it. */
    public Optional<String> definition(LogPosition position) throws IOException {
        return machine.definitionAt(position);
    }

    /** The VM's definition as last remembered. */
    public Optional<String> definition() throws IOException {
        return machine.definitionAt(state.current().acknowledged().position());
    }

    /** The file of what the VM's firmware and TPM kept at a position; empty where they kept nothing, or nobody told. */
    public Optional<Path> machineState(LogPosition position) throws IOException {
        return machine.stateAt(position);
    }

    /** The same at the acknowledged position. */
    public Optional<Path> machineState() throws IOException {
        return machine.stateAt(state.current().acknowledged().position());
    }

    /** Goes on as told, with another retention. */
    void change(ReplicaSpec changed) throws IOException {
        try (DiskTurns.Turn _ = turns.take()) {
            turns.requireOpen();
            ReplicaJson.write(folder.spec(), changed);
            settings.faults().reached("spec changed");
            spec = changed;
        }
        retaining.ask();
        applying.wake();
    }

    /** How this replica stands now. */
    public ReplicaReport report() throws IOException {
        ReplicaState now = state.current();
        Optional<Failure> trouble = applying.trouble().or(journal::trouble).or(retaining::trouble)
                .or(store::damage);
        return new ReplicaReport(spec.relationship(), now.acknowledged().position(), now.applied().position(),
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
