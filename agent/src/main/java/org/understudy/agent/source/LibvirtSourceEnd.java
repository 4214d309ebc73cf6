package org.understudy.agent.source;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.agent.source.SourceState.Cycle;
import org.understudy.capture.CaptureRange;
import org.understudy.capture.CaptureSummary;
import org.understudy.capture.TargetContent;
import org.understudy.changelog.ChangeLogException;
import org.understudy.hypervisor.PointInTime;
import org.understudy.hypervisor.SourceHost;
import org.understudy.model.ByteCount;
import org.understudy.model.Consistency;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;
import org.understudy.model.VirtualDisk;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VirtualMachine;
import org.understudy.replication.HashAnswer;
import org.understudy.replication.HashRequest;
import org.understudy.replication.Loss;
import org.understudy.replication.MachineState;
import org.understudy.replication.Segment;
import org.understudy.replication.SourceEnd;
import org.understudy.replication.SourceStanding;
import org.understudy.replication.StateDigest;

/**
 * One relationship's source on a libvirt host: a cycle is a point in time of all disks, their changes written to closed
 * logs beside the disks, and the state moved on; in that order, so that a cycle that dies anywhere never happened.
 *
 * <p>The checkpoint of the last acknowledged position stays until a later one is acknowledged. What is found to be lost
 * (QEMU was killed, and nobody knows what changed; logs that wait are gone) is told in the standing, and dealt with
 * when the driver says so: the disks are then covered anew over what the target holds, a resynchronisation in the same
 * chain of logs, during which older recovery points stay startable.
 *
 * <p>One thread captures; any thread asks and acknowledges. The lock guards the state and is never held while data
 * moves.
 */
final class LibvirtSourceEnd implements SourceEnd {
    private static final Logger LOG = LoggerFactory.getLogger(LibvirtSourceEnd.class);

    private final RelationshipId id;
    private final SourceHost host;
    private final RelationshipStore store;
    private final CycleCapture cycleCapture;
    private final Disks disksOf;
    private final CheckpointCleaner checkpoints;
    private final SourceChain chain;
    private final MachineNotes notes;
    private volatile Relationship relationship;
    private volatile SourceDisks disks;
    /** Whether the target's standing was seen and fits; before, nothing is deleted that this process did not make. */
    private volatile boolean met;
    private volatile boolean capturing;
    private final CycleHold hold = new CycleHold();

    /** What a relationship has beside its disks. */
    @FunctionalInterface
    interface Disks {
        SourceDisks of(Relationship relationship);
    }

    LibvirtSourceEnd(
            Relationship relationship, SourceHost host, RelationshipStore store, Disks disksOf,
            CycleCapture cycleCapture, HostId self) {
        this.id = relationship.id();
        this.relationship = relationship;
        this.host = host;
        this.store = store;
        this.disksOf = disksOf;
        this.disks = disksOf.of(relationship);
        this.cycleCapture = cycleCapture;
        this.checkpoints = new CheckpointCleaner(host, relationship, self);
        this.chain = new SourceChain(relationship, store);
        this.notes = new MachineNotes(id, host, store);
    }

    @Override
    public void recover() throws IOException {
        host.endAbandonedPointInTime(relationship.vm());
    }

    /** From now on what earlier cycles left may be deleted: the two ends belong together. */
    @Override
    public void met() {
        met = true;
    }

    @Override
    public SourceStanding standing() throws IOException {
        SourceState now = state();
        ByteCount waiting = ByteCount.ZERO;
        Optional<Loss> gone = Optional.empty();
        for (Cycle cycle : now.waiting()) {
            waiting = waiting.plus(disks.logBytes(cycle.position()));
            if (!disks.has(cycle.position())) {
                gone = Optional.of(new Loss.OfLogs("change logs at position " + cycle.position() + " are gone"));
            }
        }
        ByteCount covered = now.covered().values().stream().reduce(ByteCount.ZERO, ByteCount::plus);
        Optional<Loss> loss = gone;
        return new SourceStanding(now.captured().position(), now.acknowledged().position(), covered,
                relationship.total(), waiting, chain.loss().or(() -> loss), chain.wanted());
    }

    /** What it replicates, as it is now: where the disks are may change. */
    Relationship relationship() {
        return relationship;
    }

    /** The state, for reports. */
    SourceState state() throws IOException {
        return chain.state();
    }

    /** Whether a checkpoint of this name is, or may be, needed yet; when in doubt it is. */
    boolean needs(String checkpoint) {
        try {
            return checkpoints.isBeingMade(checkpoint) || state().checkpoints(id).contains(checkpoint);
        } catch (IOException | FailureException e) {
            return CheckpointName.isOf(id, checkpoint);
        }
    }

    @Override
    public void capture() throws IOException {
        long breaksBefore = chain.breaks();
        SourceState before = state();
        VirtualMachine now = requireSameDisks();
        follow(now);
        LogPosition position = before.captured().position().next();
        forgetWhatDied(before, position);
        disks.requireSpace();
        if (now.power() == PowerState.SHUT_OFF) {
            captureAtRest(before, position, breaksBefore);
            return;
        }
        if (before.isUntracked()) {
            chain.lost(new Loss.OfChanges("VM " + now.name() + " was started after its disks had been covered while"
                    + " it was off"));
            return;
        }
        hold.requireNone(now.name());
        Optional<String> since = before.startOver() ? Optional.empty() : before.captured().checkpoint(id);
        Optional<MachineNotes.Seen> seen = notes.look(relationship);
        PointInTime point;
        try {
            point = host.beginPointInTime(
                    relationship.vm(), disks.request(checkpoints.draw(position), since));
        } catch (FailureException e) {
            if (e.failure().code() == FailureCode.RESYNCHRONIZATION_REQUIRED && since.isPresent()) {
                chain.lost(new Loss.OfChanges(e.failure().message()));
                return;
            }
            throw e;
        }
        count(capture(before, position, new Opened(point, Optional.of(checkpoints.drawn()), Optional.empty(), seen)),
                breaksBefore);
    }

    /**
     * What a VM wrote last before it was shut off: captured once, from the images, and not again until they change. It
     * makes no checkpoint, so what the VM writes when it runs again is tracked from the one before. Where no checkpoint
     * is good any more, the disks are covered anew as they lie.
     */
    private void captureAtRest(SourceState before, LogPosition position, long breaksBefore) throws IOException {
        Optional<String> imprint = host.imprint(relationship.vm(), relationship.disks().keySet());
        Optional<MachineNotes.Seen> seen = notes.look(relationship);
        if (imprint.isPresent() && before.hasAllOf(imprint.get(), relationship)
                && notes.stands(seen, before.captured().position())) {
            throw notRunning("is shut off, and all that it wrote was captured.");
        }
        List<String> checkpoints = before.checkpointsToCaptureSince(id);
        if (imprint.isEmpty() || checkpoints.isEmpty() && before.anew().isEmpty()) {
            throw notRunning("does not run, and what it wrote last can be captured only when it does.");
        }
        if (checkpoints.isEmpty() && !before.isSettled(imprint.get())) {
            chain.lost(new Loss.OfChanges("the images of VM " + relationship.vmName() + " were written to while they"
                    + " were covered, and nobody noted what"));
            return;
        }
        Optional<Opened> opened = openAtRest(checkpoints, imprint, seen);
        if (opened.isPresent()) {
            count(capture(before, position, opened.get()), breaksBefore);
        }
    }

    /**
     * Since the newest checkpoint that is good: of one that QEMU began shortly before it ended the image may know
     * nothing. Empty when none is, which is noted as a loss.
     */
    private Optional<Opened> openAtRest(List<String> checkpoints, Optional<String> imprint,
            Optional<MachineNotes.Seen> seen) throws IOException {
        if (checkpoints.isEmpty()) {
            return Optional.of(new Opened(host.beginPointAtRest(relationship.vm(),
                    disks.restRequest(Optional.empty())), Optional.empty(), imprint, seen));
        }
        List<String> why = new ArrayList<>();
        for (String since : checkpoints) {
            try {
                return Optional.of(new Opened(host.beginPointAtRest(relationship.vm(),
                        disks.restRequest(Optional.of(since))), Optional.of(since), imprint, seen));
            } catch (FailureException e) {
                if (e.failure().code() != FailureCode.RESYNCHRONIZATION_REQUIRED) {
                    throw e;
                }
                LOG.info("a checkpoint is of no use relationship={} reason=\"{}\"", id, e.failure().message());
                why.add(e.failure().message());
            }
        }
        chain.lost(new Loss.OfChanges(why.getFirst()));
        return Optional.empty();
    }

    private FailureException notRunning(String so) {
        return FailureException.of(FailureCode.VM_NOT_RUNNING, "VM " + relationship.vmName() + " " + so);
    }

    /**
     * A point in time that is being captured.
     *
     * @param checkpoint from which the next cycle will start
     * @param imprint of the images, at rest
     * @param seen what the VM's firmware and TPM kept just before it began
     */
    private record Opened(PointInTime point, Optional<String> checkpoint, Optional<String> imprint,
            Optional<MachineNotes.Seen> seen) {
        /** Whether nobody wrote since what is covered was captured. */
        boolean isOfSettledDisks() {
            return imprint.isPresent() && checkpoint.isEmpty();
        }
    }

    private void count(SourceChain.Captured captured, long breaksBefore) throws IOException {
        chain.count(captured, breaksBefore);
        checkpoints.counted();
    }

    @Override
    public void coverAnew(String reason) throws IOException {
        chain.coverAnew(reason);
    }

    @Override
    public void compared(HashRequest request, HashAnswer answer) throws IOException {
        chain.compared(request, answer);
    }

    @Override
    public void goBackTo(LogPosition position, String reason) throws IOException {
        chain.goBackTo(position, reason);
    }

    /** What keeps cycles from beginning while the VM runs. */
    CycleHold hold() {
        return hold;
    }

    /** Whether a point in time is being captured just now; its watch ends one that does not get on. */
    boolean isCapturing() {
        return capturing;
    }

    private SourceChain.Captured capture(SourceState before, LogPosition position, Opened opened) throws IOException {
        capturing = true;
        try {
            return captureOpened(before, position, opened);
        } finally {
            capturing = false;
        }
    }

    private SourceChain.Captured captureOpened(
            SourceState before, LogPosition position, Opened opened) throws IOException {
        PointInTime point = opened.point();
        Map<DiskName, ByteCount> covered = new TreeMap<>();
        ByteCount changed = ByteCount.ZERO;
        ByteCount compared = ByteCount.ZERO;
        ByteCount equal = ByteCount.ZERO;
        PointWatch watch = PointWatch.over(point, () -> {
            disks.requireSpace();
            point.requireIntact();
        });
        try (point; watch) {
            notes.note(relationship, position, opened.seen());
            // All slices are planned before the first log is made: its header says how consistent the whole cycle is.
            Map<DiskName, CaptureRange> ranges = ranges(before, opened, watch);
            ranges.forEach((disk, range) -> covered.put(disk, range.coveredAfter()));
            boolean whole = covered.entrySet().stream()
                    .allMatch(entry -> entry.getValue().equals(relationship.size(entry.getKey())));
            for (Map.Entry<DiskName, CaptureRange> entry : ranges.entrySet()) {
                watch.progressed();
                CycleCapture.Target target = new CycleCapture.Target(
                        before.targetBlank() ? TargetContent.BLANK : TargetContent.UNKNOWN,
                        before.comparison().map(SourceState.Comparison::key), chain.tables());
                CaptureSummary summary = cycleCapture.capture(watch, point, new CycleCapture.Task(
                        relationship, disks, entry.getKey(), position, entry.getValue(), target,
                        whole ? Consistency.CRASH : Consistency.PARTIAL));
                changed = changed.plus(summary.changedBytes()).plus(summary.sliceBytes());
                compared = compared.plus(summary.comparedBytes());
                equal = equal.plus(summary.equalBytes());
            }
            point.requireIntact();
        } catch (IOException | FailureException e) {
            // Ended by the watch, the capture fails of a closed connection; its reason is the one to tell.
            watch.reason().ifPresent(reason -> {
                throw reason;
            });
            throw e;
        }
        return new SourceChain.Captured(new Cycle(position, Optional.of(point.takenAt()), covered, opened.checkpoint(),
                opened.imprint()), changed, compared, equal);
    }

    private Map<DiskName, CaptureRange> ranges(SourceState before, Opened opened, PointWatch watch)
            throws IOException {
        Map<DiskName, CaptureRange> ranges = new TreeMap<>();
        ByteCount slice = new ByteCount(cycleCapture.slice().bytes() / relationship.disks().size());
        for (DiskName disk : relationship.disks().keySet()) {
            ByteCount covered = before.covered().get(disk);
            CaptureRange range = covered.equals(relationship.size(disk))
                    ? CaptureRange.upToDate(covered)
                    : cycleCapture.range(watch, disk, covered, slice);
            ranges.put(disk, opened.isOfSettledDisks() ? range.ofSettledDisk() : range);
        }
        return ranges;
    }

    @Override
    public List<Segment> segments(LogPosition position) throws IOException {
        if (state().waiting().stream().noneMatch(cycle -> cycle.position().equals(position))) {
            throw notKept(position, "is not kept", Optional.empty());
        }
        if (!disks.has(position)) {
            throw notKept(position, "has lost its logs", Optional.empty());
        }
        List<Segment> segments = new ArrayList<>();
        try {
            for (DiskName disk : relationship.disks().keySet()) {
                segments.add(disks.segment(disk, position));
            }
        } catch (ChangeLogException e) {
            chain.lost(new Loss.OfLogs("change logs at position " + position + " are damaged: " + e.getMessage()));
            throw notKept(position, "has damaged logs", Optional.of(e));
        }
        return segments;
    }

    private FailureException notKept(LogPosition position, String why, Optional<IOException> cause) {
        FailureException failure = FailureException.of(FailureCode.CHANGE_LOG_CORRUPT, "Position " + position
                + " of VM " + relationship.vmName() + " " + why + " at its source; what was in it is captured again.");
        return cause.isPresent() ? failure.causedBy(cause.get()) : failure;
    }

    @Override
    public void acknowledged(LogPosition position) throws IOException {
        chain.acknowledged(position, this::isWhole);
        // Older checkpoints go at the start of the next cycle, when no point in time is open on the VM.
        disks.deleteLogsUpTo(position);
        store.forgetMachineBefore(id, position);
        if (state().waiting().isEmpty()) {
            disks.deleteEarlierFolders();
        }
    }

    private boolean isWhole(Cycle cycle) {
        return cycle.covered().entrySet().stream()
                .allMatch(disk -> disk.getValue().equals(relationship.size(disk.getKey())));
    }

    @Override
    public String machineDefinition(LogPosition position) throws IOException {
        return notes.definition(relationship, position);
    }

    @Override
    public Optional<MachineState> machineState(LogPosition position, Optional<StateDigest> told) throws IOException {
        return notes.state(position, told);
    }

    private VirtualMachine requireSameDisks() throws IOException {
        VirtualMachine machine = host.machine(relationship.vm()).orElseThrow(() -> FailureException.of(
                FailureCode.VM_NOT_FOUND_AT_SOURCE, "VM " + relationship.vmName() + " is no longer defined on this"
                        + " host."));
        Map<DiskName, VirtualDisk> found = new TreeMap<>();
        machine.disks().forEach(disk -> found.put(disk.name(), disk));
        relationship.disks().keySet().forEach(name -> {
            ByteCount size = relationship.size(name);
            VirtualDisk disk = found.get(name);
            if (disk != null && disk.size().equals(ByteCount.ZERO) && disk.obstacle().isPresent()) {
                throw FailureException.of(FailureCode.SOURCE_IO_FAILED, disk.obstacle().get());
            }
            if (disk == null || !disk.size().equals(size)) {
                throw FailureException.of(FailureCode.DISK_CHANGED, "Disk " + name + " of VM " + machine.name()
                        + (disk == null ? " is gone" : " is " + disk.size() + " now")
                        + "; it was protected with " + size + ".");
            }
        });
        return machine;
    }

    /** Goes on where the images are now: another tool may have moved one, or put a snapshot elsewhere. */
    private void follow(VirtualMachine machine) throws IOException {
        Map<DiskName, Relationship.SourceDisk> now = new TreeMap<>(relationship.disks());
        for (VirtualDisk disk : machine.disks()) {
            Relationship.SourceDisk known = now.get(disk.name());
            String folder = known == null ? "" : SourceReplications.folderOf(disk);
            if (known != null && !known.folder().equals(folder)) {
                LOG.info("a disk was moved relationship={} vm={} disk={} from={} to={}", id, machine.name(),
                        disk.name(), known.folder(), folder);
                now.put(disk.name(), known.movedTo(folder));
            }
        }
        Relationship next = relationship.withDisks(now).named(machine.name());
        if (!next.equals(relationship)) {
            store.save(next);
            disks = disksOf.of(next);
            relationship = next;
        }
    }

    /** Deletes what a killed or failed cycle left, and the checkpoints that no later cycle starts from. */
    private void forgetWhatDied(SourceState before, LogPosition position) throws IOException {
        host.endAbandonedPointInTime(relationship.vm());
        disks.deleteScratch();
        disks.discardOpenLogs();
        if (met) {
            disks.deleteLogsFrom(position);
        }
        checkpoints.clean(before.checkpoints(id), met);
    }
}
