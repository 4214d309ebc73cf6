package org.understudy.agent.source;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.command.AgentCommand.PauseReplication;
import org.understudy.command.AgentCommand.ReplicaHolds;
import org.understudy.command.AgentCommand.StartReplication;
import org.understudy.command.AgentReport;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.hypervisor.MachineEvent;
import org.understudy.model.DiskName;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.FailureTeller;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;
import org.understudy.model.VirtualDisk;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VmId;

/**
 * The owner of every replication that this host is the source of: starts those it knows when the agent starts, whether
 * or not a vault is there, and starts, pauses and removes them as the vault asks. Safe for many threads; what changes
 * takes its turn, what only tells never waits for it.
 */
public final class SourceReplications implements CyclesOfMachines, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SourceReplications.class);
    /** How long a call that libvirt does not answer may keep a replication from ending before that is told. */
    private static final Duration END_MAX = Duration.ofSeconds(40);

    private final Hypervisor hypervisor;
    private final RelationshipStore store;
    private final ReplicationFactory factory;
    private final RemainsReaper reaper;
    private final Lock changing = new ReentrantLock();
    private final Map<String, Replication> running = new ConcurrentSkipListMap<>();
    /** Those that ended and whose last call to libvirt has not come back yet. */
    private final Map<String, Replication> ending = new ConcurrentHashMap<>();
    private volatile List<RelationshipStore.Unreadable> unreadable = List.of();
    private volatile List<Failure> troubles = List.of();

    public SourceReplications(Hypervisor hypervisor, RelationshipStore store, ReplicationFactory factory) {
        this.hypervisor = hypervisor;
        this.store = store;
        this.factory = factory;
        this.reaper = new RemainsReaper(hypervisor, this::removeEnded,
                name -> isOurs(name) && !needs(name), name -> CheckpointName.isOurs(name) && !isOurs(name));
    }

    /** Goes on with everything this host was told before; what cannot be read is told and keeps nothing else back. */
    public void resume() throws IOException {
        changing.lock();
        try {
            RelationshipStore.Found found = store.all();
            unreadable = found.unreadable();
            troubles = troubles(unreadable);
            for (RelationshipStore.Unreadable it : unreadable) {
                LOG.error("a relationship was not gone on with folder={} reason={}", it.folder(), it.why());
            }
            found.relationships().forEach(this::start);
        } finally {
            changing.unlock();
        }
        reaper.start();
    }

    /** What keeps some of this host's replications from being gone on with. */
    List<Failure> troubles() {
        return troubles;
    }

    private static List<Failure> troubles(List<RelationshipStore.Unreadable> unreadable) {
        return unreadable.stream().map(it -> FailureException.of(FailureCode.SOURCE_IO_FAILED,
                "The folder " + it.folder() + " of a replication is left alone: " + it.why() + ".",
                "Put it right, or move it away, and restart the agent.").failure()).toList();
    }

    /**
     * Starts a relationship, durably; the same one again changes nothing but its settings and its target's address.
     * Earlier ones of its item are over then, and end: two would take each other's points in time for abandoned.
     */
    public void start(StartReplication asked) throws IOException {
        changing.lock();
        try {
            endEarlier(asked.relationship());
            Optional<Relationship> known = store.find(asked.relationship())
                    .filter(it -> it.vm().equals(asked.vm()));
            boolean goesOn = known.isPresent() && known.get().disks().keySet().containsAll(asked.disks());
            Optional<Relationship> anew = goesOn ? Optional.empty() : Optional.of(relationship(asked));
            stop(asked.relationship());
            // What its last cycle noted counts, for it may have followed a disk that was moved.
            Relationship relationship = anew.isPresent() ? anew.get()
                    : goingOn(store.find(asked.relationship()), asked);
            if (known.isPresent()) {
                store.save(relationship);
            } else {
                store.begin(relationship, beginning(relationship, asked.base()));
            }
            start(relationship);
        } finally {
            changing.unlock();
        }
    }

    /** A base that nobody knows, or that libvirt has lost, is found out by comparing. */
    private SourceState beginning(Relationship relationship, Optional<ReplicaHolds> base) throws IOException {
        SourceState nothing = SourceState.start(relationship);
        String checkpoint = CheckpointName.base(relationship.id());
        return switch (base.orElse(null)) {
            case null -> nothing;
            case UNKNOWN -> nothing.startingOver("the other end was left behind by a failover");
            case EQUAL -> hypervisor.checkpoints(relationship.vm()).contains(checkpoint)
                    ? SourceState.startFrom(relationship, checkpoint)
                    : nothing.startingOver("what the VM has written since its failover was not noted");
        };
    }

    /**
     * The position that holds all that a VM which is off has written, where its target has acknowledged it; empty when
     * nobody knows, and when this host is not its source.
     */
    public Optional<LogPosition> finishedAt(RelationshipId id) throws IOException {
        Replication known = running.get(id.toString());
        if (known == null) {
            return Optional.empty();
        }
        Relationship relationship = known.relationship();
        Optional<String> imprint = hypervisor.imprint(relationship.vm(), relationship.disks().keySet());
        SourceState state = known.source().state();
        return imprint.filter(now -> state.isFinished(now, relationship)).map(_ -> state.acknowledged().position());
    }

    /** Ends the directions of an item before this one, of which this host was the source. */
    public void endBefore(RelationshipId later) throws IOException {
        changing.lock();
        try {
            endEarlier(later);
        } finally {
            changing.unlock();
        }
    }

    private void endEarlier(RelationshipId beginning) throws IOException {
        for (Replication known : List.copyOf(running.values())) {
            RelationshipId id = known.relationship().id();
            if (id.item().equals(beginning.item()) && id.generation() < beginning.generation()) {
                LOG.info("a relationship ends since a later one begins relationship={} later={}", id, beginning);
                remove(id);
            }
        }
    }

    /** The newest generation of an item of which this host is the source; 0 for none. */
    public long newestGeneration(ItemId item) {
        return Stream.concat(running.values().stream().map(it -> it.relationship().id()),
                        unreadable.stream().flatMap(it -> it.relationship().stream()))
                .filter(id -> id.item().equals(item)).mapToLong(RelationshipId::generation).max().orElse(0);
    }

    /** Where its logs are and what its disks were is not asked anew: the VM may be another by now. */
    private static Relationship goingOn(Optional<Relationship> known, StartReplication asked) {
        Relationship now = known.orElseThrow();
        return new Relationship(asked.relationship().item(), asked.relationship().generation(), asked.vm(),
                now.disks(), asked.target(), asked.settings(), now.name(), now.paused());
    }

    private Relationship relationship(StartReplication asked) throws IOException {
        VirtualMachine machine = hypervisor.machine(asked.vm()).orElseThrow(() -> FailureException.of(
                FailureCode.VM_NOT_FOUND_AT_SOURCE, "VM " + asked.vm() + " is not defined on this host."));
        Map<DiskName, Relationship.SourceDisk> disks = new TreeMap<>();
        for (DiskName name : asked.disks()) {
            disks.put(name, sourceDisk(machine, name));
        }
        return new Relationship(asked.relationship().item(), asked.relationship().generation(), asked.vm(), disks,
                asked.target(), asked.settings(), Optional.of(machine.name()), Optional.empty());
    }

    private static Relationship.SourceDisk sourceDisk(VirtualMachine machine, DiskName name) throws IOException {
        VirtualDisk disk = machine.disks().stream()
                .filter(candidate -> candidate.name().equals(name))
                .findFirst()
                .orElseThrow(() -> FailureException.of(
                        FailureCode.NOT_FOUND, "VM " + machine.name() + " has no disk " + name + "."));
        disk.obstacle().ifPresent(obstacle -> {
            // As while a committed VM gets its disks: a reversal that is asked for meanwhile waits.
            throw FailureException.of(
                    disk.waitsForAJob() ? FailureCode.HYPERVISOR_BUSY : FailureCode.VM_CANNOT_BE_PROTECTED,
                    "Disk " + name + " of VM " + machine.name() + " cannot be tracked: " + obstacle);
        });
        return new Relationship.SourceDisk(disk.size(), folderOf(disk));
    }

    /** Of the image itself and not of a link to it: what grows with the image belongs on its file system. */
    static String folderOf(VirtualDisk disk) throws IOException {
        return Path.of(disk.file()).toRealPath().getParent().toString();
    }

    /** Ends a pause, or what halts a relationship or makes it wait: both loops make their next attempt now. */
    public void resume(RelationshipId id) throws IOException {
        changing.lock();
        try {
            Replication replication = require(id);
            Relationship relationship = replication.relationship();
            if (relationship.paused().isPresent() || replication.closed()) {
                stop(id);
                Relationship going = replication.relationship().pausedBy(Optional.empty());
                store.save(going);
                start(going);
            } else {
                replication.resume();
            }
        } finally {
            changing.unlock();
        }
    }

    /**
     * Begins no cycle any more, durably; when this returns no point in time of the item is open.
     *
     * @return what of our checkpoints could not be taken off the VM, if that was asked for
     */
    public Optional<String> pause(PauseReplication asked) throws IOException {
        changing.lock();
        try {
            Replication replication = require(asked.relationship());
            Optional<Relationship.Paused> pause = Optional.of(replication.relationship().paused()
                    .orElseGet(() -> new Relationship.Paused(asked.by(), factory.now())));
            store.save(replication.relationship().pausedBy(pause));
            stop(asked.relationship());
            // Its last cycle may have followed a disk that was moved, and noted that without the pause.
            Relationship paused = replication.relationship().pausedBy(pause);
            store.save(paused);
            start(paused);
            hypervisor.endAbandonedPointInTime(paused.vm());
            if (!asked.release()) {
                return Optional.empty();
            }
            // First the note, then the deed: a checkpoint that is gone without a note of it would be looked for.
            running.get(asked.relationship().toString()).source().coverAnew("a pause that takes the checkpoints away");
            List<String> left = factory.remains(paused).removeFromMachine();
            if (!left.isEmpty()) {
                reaper.sweepSoon();
            }
            return words(paused, left);
        } finally {
            changing.unlock();
        }
    }

    /** Lets no cycle begin on a VM that is about to be shut down, for a while; nothing where this is not its source. */
    public void holdCycles(RelationshipId id) {
        source(id).ifPresent(known -> known.hold().begin());
    }

    /** Whether a point in time of it is open: it ends by itself. */
    public boolean isCapturing(RelationshipId id) {
        return source(id).filter(LibvirtSourceEnd::isCapturing).isPresent();
    }

    /** Ends {@link #holdCycles}. */
    public void endHold(RelationshipId id) {
        source(id).ifPresent(known -> known.hold().end(CycleHold.Reason.SHUT_DOWN));
    }

    @Override
    public void hold(VmId vm, String what) {
        of(vm).forEach(known -> known.source().hold().begin(CycleHold.Reason.HAND_OVER, what,
                "Wait: replication goes on by itself then, with all that the VM wrote meanwhile."));
    }

    /** What waited goes on at once. */
    @Override
    public void letGo(VmId vm) {
        of(vm).forEach(known -> {
            if (known.source().hold().end(CycleHold.Reason.HAND_OVER)) {
                known.nudge();
            }
        });
    }

    private Stream<Replication> of(VmId vm) {
        return running.values().stream().filter(known -> known.relationship().vm().equals(vm));
    }

    private Optional<LibvirtSourceEnd> source(RelationshipId id) {
        return Optional.ofNullable(running.get(id.toString())).map(Replication::source);
    }

    Replication require(RelationshipId id) {
        Replication replication = running.get(id.toString());
        if (replication == null) {
            throw FailureException.of(
                    FailureCode.NOT_FOUND, "This host is not the source of a relationship " + id + ".");
        }
        return replication;
    }

    /**
     * Stops a relationship and removes everything it left on this host; unknown is fine. What cannot be removed now is
     * remembered, and removed as soon as it can be.
     *
     * @return what stays for now, if anything does
     */
    public Optional<String> remove(RelationshipId id) throws IOException {
        changing.lock();
        try {
            Optional<Relationship> known = store.find(id);
            if (known.isPresent()) {
                store.end(known.get());
            }
            Replication replication = running.remove(id.toString());
            if (replication != null) {
                replication.close();
                ending.put(id.toString(), replication);
            }
            for (Relationship ended : store.ended()) {
                if (ended.id().equals(id)) {
                    return words(ended, removeEnded(ended, END_MAX));
                }
            }
            return Optional.empty();
        } finally {
            changing.unlock();
        }
    }

    private void removeEnded() throws IOException {
        changing.lock();
        try {
            startWhatStands();
            for (Relationship ended : store.ended()) {
                List<String> left = removeEnded(ended, Duration.ofMillis(1));
                LOG.debug("remains of an ended replication vm={} left={}", ended.vmName(), left);
            }
        } finally {
            changing.unlock();
        }
    }

    private List<String> removeEnded(Relationship ended, Duration patience) throws IOException {
        String id = ended.id().toString();
        Replication last = ending.get(id);
        if (last != null && !last.ended(patience)) {
            return List.of("libvirt has not answered its last call yet");
        }
        ending.remove(id);
        List<String> left = factory.remains(ended).remove();
        if (left.isEmpty()) {
            store.remove(ended.id());
            LOG.info("nothing of an ended replication is left vm={} relationship={}", ended.vmName(), id);
        }
        return left;
    }

    private static Optional<String> words(Relationship relationship, List<String> left) {
        return left.isEmpty() ? Optional.empty() : Optional.of("Some of what replication left on VM "
                + relationship.vmName() + " stays for now and is removed by itself within a minute after that can be "
                + "done: " + String.join("; ", left) + ".");
    }

    /**
     * How every replication stands, each by itself. Takes no lock: a replication that is being started or removed may
     * wait for a hypervisor.
     */
    public List<AgentReport.SourceProgress> reports(Consumer<Failure> troubles) {
        List<AgentReport.SourceProgress> reports = new ArrayList<>();
        this.troubles.forEach(troubles);
        for (Replication replication : running.values()) {
            try {
                reports.add(replication.report());
            } catch (FailureException e) {
                troubles.accept(e.failure());
            } catch (IOException | RuntimeException e) {
                LOG.warn("replication could not be reported relationship={} reason={}",
                        replication.relationship().id(), e.toString());
                troubles.accept(FailureException.of(FailureCode.SOURCE_IO_FAILED,
                        "How replication of VM " + replication.relationship().vmName() + " stands cannot be read: "
                                + FailureTeller.reason(e) + ".").failure());
            }
        }
        return reports;
    }

    /**
     * Whether a checkpoint of this name is this agent's. One that names another agent, or nobody, and is of an item
     * that this one does not know may be all that another folder's replication goes on from.
     */
    private boolean isOurs(String checkpoint) {
        return CheckpointName.isBy(factory.self(), checkpoint) || running.values().stream()
                .anyMatch(replication -> CheckpointName.isOf(replication.relationship().id(), checkpoint));
    }

    /** Whether a checkpoint of this name is, or may be, of use to a replication of this host. */
    private boolean needs(String checkpoint) {
        return running.values().stream().anyMatch(replication -> replication.source().needs(checkpoint))
                || unreadable.stream().flatMap(it -> it.relationship().stream())
                        .anyMatch(id -> CheckpointName.isOf(id, checkpoint));
    }

    /** What the hypervisor says of a VM may end a wait. */
    public void on(MachineEvent event) {
        switch (event.kind()) {
            // One that was shut off has written last just now; one that was started goes on.
            case STARTED, STOPPED, DEFINED -> {
                reaper.wake();
                Thread.ofVirtual().name("nudge").start(() -> nudge(event));
            }
            case UNDEFINED, SUSPENDED, RESUMED -> { }
        }
    }

    private void nudge(MachineEvent event) {
        of(event.vm()).forEach(Replication::resume);
    }

    private void start(Relationship relationship) {
        Replication replication = factory.create(relationship);
        running.put(relationship.id().toString(), replication);
        replication.start();
    }

    /** Those that were told to end for others, which never came because libvirt did not answer in time. */
    private void startWhatStands() throws IOException {
        for (Replication replication : running.values()) {
            if (replication.closed() && replication.ended(Duration.ofMillis(1))) {
                Optional<Relationship> known = store.find(replication.relationship().id());
                if (known.isPresent()) {
                    LOG.info("replication goes on that was told to end vm={}", known.get().vmName());
                    start(known.get());
                }
            }
        }
    }

    /**
     * Two replications of one item would write into each other's logs, so the first has ended when this returns. It
     * stays known until another takes its place: what it needs on its VM is never taken for something left behind.
     */
    private void stop(RelationshipId id) {
        Replication replication = running.get(id.toString());
        if (replication == null) {
            return;
        }
        replication.close();
        if (!replication.ended(END_MAX)) {
            throw FailureException.of(FailureCode.HYPERVISOR_BUSY, "Replication of VM "
                    + replication.relationship().vmName() + " was told to end, and libvirt has not answered its last"
                    + " call for " + END_MAX.toSeconds() + " s.");
        }
    }

    /** Stops all; what they know stays. */
    @Override
    public void close() {
        reaper.close();
        changing.lock();
        try {
            running.values().forEach(Replication::close);
            running.clear();
        } finally {
            changing.unlock();
        }
    }
}
