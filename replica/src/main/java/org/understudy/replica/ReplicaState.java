package org.understudy.replica;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.understudy.model.ByteCount;
import org.understudy.model.Consistency;
import org.understudy.model.DiskName;
import org.understudy.model.LogPosition;

/**
 * The few facts of a replica that its other files do not tell; {@code state.json}, replaced as a whole.
 * Always {@code applied <= acknowledged}. Small on purpose: it is forced twice in every cycle.
 *
 * @param acknowledged the source was promised that nothing up to here is ever lost
 * @param covered how far initial replication had passed each disk at {@code acknowledged}
 * @param applied what the raw files hold, unless an apply was interrupted
 * @param fenced nothing is taken from the source any more (UF-03)
 * @param committed the failover is final and the points are gone (RP-08)
 * @param holds reasons why nothing is applied, besides open branches
 */
record ReplicaState(
        ReplicaInstant acknowledged, Map<DiskName, ByteCount> covered, ReplicaInstant applied,
        boolean fenced, boolean committed, SortedSet<String> holds) {
    ReplicaState {
        Objects.requireNonNull(acknowledged, "acknowledged");
        Objects.requireNonNull(applied, "applied");
        covered = new TreeMap<>(covered);
        holds = new TreeSet<>(holds);
        if (LogPosition.ORDER.compare(applied.position(), acknowledged.position()) > 0) {
            throw new IllegalArgumentException("applied " + applied.position() + " lies after acknowledged "
                    + acknowledged.position());
        }
    }

    static ReplicaState fresh(ReplicaSpec spec) {
        ReplicaInstant start = ReplicaInstant.nothingYet(spec.generation());
        return new ReplicaState(start, nothingCovered(spec), start, false, false, new TreeSet<>());
    }

    /** Disks that were there: what they hold is a point, and nothing of the chain has arrived. */
    static ReplicaState adopting(ReplicaSpec spec, Instant capturedAt) {
        ReplicaInstant there = new ReplicaInstant(
                LogPosition.startOf(spec.generation()), capturedAt, Consistency.CRASH);
        return new ReplicaState(there, nothingCovered(spec), there, false, false, new TreeSet<>());
    }

    private static Map<DiskName, ByteCount> nothingCovered(ReplicaSpec spec) {
        Map<DiskName, ByteCount> nothing = new TreeMap<>();
        spec.disks().forEach(disk -> nothing.put(disk.name(), ByteCount.ZERO));
        return nothing;
    }

    ReplicaState acknowledged(ReplicaInstant instant, Map<DiskName, ByteCount> nowCovered) {
        return new ReplicaState(instant, nowCovered, applied, fenced, committed, holds);
    }

    /** What was acknowledged and not applied is given up; how far the disks were covered is not known then. */
    ReplicaState acknowledgedIsApplied() {
        Map<DiskName, ByteCount> unknown = new TreeMap<>(covered);
        unknown.replaceAll((disk, before) -> ByteCount.ZERO);
        return new ReplicaState(applied, unknown, applied, fenced, committed, holds);
    }

    ReplicaState applied(ReplicaInstant instant) {
        return new ReplicaState(acknowledged, covered, instant, fenced, committed, holds);
    }

    /** The undo of an interrupted apply was lost: what the disks hold is no instant of the VM. */
    ReplicaState appliedIsNoPoint() {
        return applied(new ReplicaInstant(applied.position(), applied.capturedAt(), Consistency.PARTIAL));
    }

    ReplicaState fence() {
        return new ReplicaState(acknowledged, covered, applied, true, committed, holds);
    }

    ReplicaState unfence() {
        return new ReplicaState(acknowledged, covered, applied, false, committed, holds);
    }

    ReplicaState commit() {
        return new ReplicaState(acknowledged, covered, applied, true, true, holds);
    }

    ReplicaState hold(String reason) {
        SortedSet<String> more = new TreeSet<>(holds);
        more.add(reason);
        return new ReplicaState(acknowledged, covered, applied, fenced, committed, more);
    }

    ReplicaState release(String reason) {
        SortedSet<String> fewer = new TreeSet<>(holds);
        fewer.remove(reason);
        return new ReplicaState(acknowledged, covered, applied, fenced, committed, fewer);
    }

    /** Whether anything was ever written to the disks, as far as this knows. */
    boolean everApplied() {
        return applied.position().sequence() > 0;
    }

    /** Whether every acknowledged position has been applied. */
    boolean upToDate() {
        return acknowledged.position().sequence() == 0 || applied.position().equals(acknowledged.position());
    }

    /** The position that is applied next; only meaningful while not {@link #upToDate()}. */
    LogPosition nextToApply() {
        return applied.position().next();
    }
}
