package org.understudy.agent.source;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.agent.source.SourceState.Cycle;
import org.understudy.capture.CaptureRange;
import org.understudy.capture.CaptureSummary;
import org.understudy.capture.TargetContent;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.hypervisor.PointInTime;
import org.understudy.model.ByteCount;
import org.understudy.model.Consistency;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.model.VirtualDisk;
import org.understudy.model.VirtualMachine;
import org.understudy.replication.Segment;
import org.understudy.replication.SourceEnd;
import org.understudy.replication.SourceStanding;

/**
 * One item's source on a libvirt host: a cycle is a point in time of all disks, their changes written to closed logs
 * beside the disks, and the state moved on; in that order, so that a cycle that dies anywhere never happened.
 *
 * <p>The checkpoint of the last acknowledged position stays until a later one is acknowledged. When the hypervisor has
 * lost track of what changed (QEMU was killed), the disks are covered anew over what the target holds: a
 * resynchronisation in the same chain of logs, during which older recovery points stay startable.
 *
 * <p>One thread captures; any thread asks and acknowledges. The lock guards the state and is never held while data
 * moves.
 */
final class LibvirtSourceEnd implements SourceEnd {
    private static final Logger LOG = LoggerFactory.getLogger(LibvirtSourceEnd.class);

    private final Relationship relationship;
    private final Hypervisor hypervisor;
    private final RelationshipStore store;
    private final SourceDisks disks;
    private final CycleCapture cycleCapture;
    private final Lock lock = new ReentrantLock();
    private SourceState state;

    LibvirtSourceEnd(
            Relationship relationship, Hypervisor hypervisor, RelationshipStore store, SourceDisks disks,
            CycleCapture cycleCapture)
            throws IOException {
        this.relationship = relationship;
        this.hypervisor = hypervisor;
        this.store = store;
        this.disks = disks;
        this.cycleCapture = cycleCapture;
        this.state = store.state(relationship.item()).orElseGet(() -> SourceState.start(relationship));
    }

    @Override
    public void recover() throws IOException {
        hypervisor.endAbandonedPointInTime(relationship.vm());
    }

    @Override
    public SourceStanding standing() throws IOException {
        SourceState now = state();
        ByteCount waiting = ByteCount.ZERO;
        for (Cycle cycle : now.waiting()) {
            waiting = waiting.plus(disks.logBytes(cycle.position()));
        }
        ByteCount covered = now.covered().values().stream().reduce(ByteCount.ZERO, ByteCount::plus);
        return new SourceStanding(
                now.captured().position(), now.acknowledged().position(), covered, relationship.total(), waiting);
    }

    /** The state, for reports. */
    SourceState state() {
        lock.lock();
        try {
            return state;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void capture() throws IOException {
        requireSameDisks();
        SourceState before = state();
        LogPosition position = before.captured().position().next();
        forgetWhatDied(before, position);
        Optional<String> since = before.captured().position().sequence() == 0 || before.startOver()
                ? Optional.empty()
                : Optional.of(relationship.checkpoint(before.captured().position().sequence()));
        disks.requireSpace();
        PointInTime point;
        try {
            point = hypervisor.beginPointInTime(
                    relationship.vm(), disks.request(relationship.checkpoint(position.sequence()), since));
        } catch (FailureException e) {
            if (e.failure().code() == FailureCode.RESYNCHRONIZATION_REQUIRED && since.isPresent()) {
                startOver(e);
                capture();
                return;
            }
            throw e;
        }
        capture(before, position, point);
    }

    private void capture(SourceState before, LogPosition position, PointInTime point) throws IOException {
        Map<DiskName, ByteCount> covered = new TreeMap<>();
        ByteCount changed = ByteCount.ZERO;
        try (point) {
            noteDefinition(position);
            // All slices are planned before the first log is made: its header says how consistent the whole cycle is.
            Map<DiskName, CaptureRange> ranges = ranges(before, point);
            ranges.forEach((disk, range) -> covered.put(disk, range.coveredAfter()));
            boolean whole = covered.entrySet().stream()
                    .allMatch(entry -> entry.getValue().equals(relationship.size(entry.getKey())));
            for (Map.Entry<DiskName, CaptureRange> entry : ranges.entrySet()) {
                CaptureSummary summary = cycleCapture.capture(point, new CycleCapture.Task(
                        relationship, disks, entry.getKey(), position, entry.getValue(),
                        before.targetBlank() ? TargetContent.BLANK : TargetContent.UNKNOWN,
                        whole ? Consistency.CRASH : Consistency.PARTIAL));
                changed = changed.plus(summary.changedBytes()).plus(summary.sliceBytes());
            }
        }
        Cycle cycle = new Cycle(position, Optional.of(point.takenAt()), covered);
        ByteCount changedByIt = changed;
        move(now -> now.captured(cycle, changedByIt));
    }

    private Map<DiskName, CaptureRange> ranges(SourceState before, PointInTime point) throws IOException {
        Map<DiskName, CaptureRange> ranges = new TreeMap<>();
        ByteCount slice = new ByteCount(CycleCapture.SLICE.bytes() / relationship.disks().size());
        for (DiskName disk : relationship.disks().keySet()) {
            ByteCount covered = before.covered().get(disk);
            ranges.put(disk, covered.equals(relationship.size(disk))
                    ? CaptureRange.upToDate(covered)
                    : cycleCapture.range(point, disk, covered, slice));
        }
        return ranges;
    }

    @Override
    public List<Segment> segments(LogPosition position) throws IOException {
        if (!disks.has(position)) {
            throw FailureException.of(FailureCode.CHANGE_LOG_CORRUPT, "Change logs of item " + relationship.item()
                    + " at position " + position + " are gone from the folders of its disks.",
                    "Disable protection and protect the VM again; the replica keeps its last good point until then.");
        }
        List<Segment> segments = new ArrayList<>();
        for (DiskName disk : relationship.disks().keySet()) {
            segments.add(disks.segment(disk, position));
        }
        return segments;
    }

    @Override
    public void acknowledged(LogPosition position) throws IOException {
        move(now -> now.acknowledged(position));
        // Older checkpoints go at the start of the next cycle, when no point in time is open on the VM.
        disks.deleteLogsUpTo(position);
        store.forgetDefinitionsBefore(relationship.item(), position);
    }

    @Override
    public String machineDefinition(LogPosition position) throws IOException {
        Optional<String> known = store.definition(relationship.item(), position);
        if (known.isEmpty()) {
            // Captured by an agent of the first release, which noted none.
            noteDefinition(position);
            known = store.definition(relationship.item(), position);
        }
        return known.orElseThrow(() -> FailureException.of(FailureCode.VM_NOT_FOUND_AT_SOURCE,
                "VM " + relationship.vm() + " of item " + relationship.item() + " is no longer defined on this host."));
    }

    /** How the VM is defined belongs to the position, as its disks do; durable before the cycle counts. */
    private void noteDefinition(LogPosition position) throws IOException {
        try {
            String now = hypervisor.definition(relationship.vm()).xml();
            if (!store.definition(relationship.item(), position).equals(Optional.of(now))) {
                store.saveDefinition(relationship.item(), position, now);
            }
        } catch (FailureException e) {
            // Disks were captured of it just now: what it was before is better than no position.
            if (store.definition(relationship.item(), position).isEmpty()) {
                throw e;
            }
            LOG.warn("the VM's definition could not be read item={} reason={}", relationship.item(),
                    e.failure().message());
        }
    }

    /** Removes everything of this item from the source: checkpoints, logs. The VM stays as it is. */
    void remove() throws IOException {
        if (hypervisor.machine(relationship.vm()).isPresent()) {
            hypervisor.endAbandonedPointInTime(relationship.vm());
            for (String checkpoint : hypervisor.checkpoints(relationship.vm())) {
                if (checkpoint.startsWith(relationship.checkpointPrefix())) {
                    hypervisor.deleteCheckpoint(relationship.vm(), checkpoint);
                }
            }
        }
        disks.deleteAll();
    }

    private void requireSameDisks() throws IOException {
        VirtualMachine machine = hypervisor.machine(relationship.vm()).orElseThrow(() -> FailureException.of(
                FailureCode.VM_NOT_FOUND_AT_SOURCE,
                "VM " + relationship.vm() + " of item " + relationship.item() + " is no longer defined on this host."));
        Map<DiskName, VirtualDisk> found = new TreeMap<>();
        machine.disks().forEach(disk -> found.put(disk.name(), disk));
        relationship.disks().keySet().forEach(name -> {
            ByteCount size = relationship.size(name);
            VirtualDisk disk = found.get(name);
            if (disk == null || !disk.size().equals(size)) {
                throw FailureException.of(FailureCode.DISK_CHANGED, "Disk " + name + " of VM " + machine.name()
                        + (disk == null ? " is gone" : " is " + disk.size() + " now")
                        + "; it was protected with " + size + ".");
            }
        });
    }

    /** Ends and deletes what a killed or failed cycle left, and the checkpoints that no later cycle starts from. */
    private void forgetWhatDied(SourceState before, LogPosition position) throws IOException {
        hypervisor.endAbandonedPointInTime(relationship.vm());
        disks.deleteScratch();
        disks.deleteLogsFrom(position);
        for (String checkpoint : hypervisor.checkpoints(relationship.vm())) {
            if (checkpoint.startsWith(relationship.checkpointPrefix())) {
                long sequence = sequenceOf(checkpoint);
                if (sequence < before.acknowledged().position().sequence()
                        || sequence > before.captured().position().sequence()) {
                    hypervisor.deleteCheckpoint(relationship.vm(), checkpoint);
                }
            }
        }
    }

    private long sequenceOf(String checkpoint) {
        try {
            return Long.parseLong(checkpoint.substring(relationship.checkpointPrefix().length()));
        } catch (NumberFormatException e) {
            // Our prefix with something else behind it is not ours after all: between the bounds, so left alone.
            return state().captured().position().sequence();
        }
    }

    private void startOver(FailureException why) throws IOException {
        LOG.warn("resynchronisation began item={} vm={} reason={}", relationship.item(), relationship.vm(),
                why.failure().message());
        move(SourceState::startingOver);
    }

    private void move(UnaryOperator<SourceState> change) throws IOException {
        lock.lock();
        try {
            SourceState next = change.apply(state);
            store.save(relationship.item(), next);
            state = next;
        } finally {
            lock.unlock();
        }
    }
}
