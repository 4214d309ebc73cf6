package org.understudy.agent.source;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;

/**
 * How far an item has come at its source; writing it down is what makes a cycle count.
 *
 * @param acknowledged the newest cycle that the target has acknowledged
 * @param waiting the cycles after it whose logs are whole on the source's disks, ascending without a gap
 * @param startOver whether the next cycle covers every disk anew, because the knowledge of what changed was lost
 * @param targetBlank whether everything beyond what is covered is still untouched there, so zeroes need not be sent
 * @param changed bytes of changed blocks captured since the relationship began
 */
record SourceState(
        Cycle acknowledged, List<Cycle> waiting, boolean startOver, boolean targetBlank, ByteCount changed) {
    SourceState {
        waiting = List.copyOf(waiting);
    }

    /**
     * One cycle.
     *
     * @param instant of the disks; empty for the start, when there was no cycle yet
     * @param covered for each disk, how far initial replication (or a resynchronisation) had come after it
     * @param checkpoint from which the next cycle starts: its own, or for one at rest that of the cycle before; empty
     *     for the start, and in what versions before 0.2 wrote
     * @param imprint of the images, for a cycle at rest: while they have it the VM has not written since
     */
    record Cycle(
            LogPosition position, Optional<Instant> instant, Map<DiskName, ByteCount> covered,
            Optional<String> checkpoint, Optional<String> imprint) {
        Cycle {
            covered = Map.copyOf(covered);
            checkpoint = Objects.requireNonNullElse(checkpoint, Optional.empty());
            imprint = Objects.requireNonNullElse(imprint, Optional.empty());
        }

        /** Of a VM that ran. */
        Cycle(LogPosition position, Optional<Instant> instant, Map<DiskName, ByteCount> covered,
                Optional<String> checkpoint) {
            this(position, instant, covered, checkpoint, Optional.empty());
        }

        /** The checkpoint on the VM from which the next cycle starts; empty for the start. */
        Optional<String> checkpoint(ItemId item) {
            return position.sequence() == 0 ? Optional.empty()
                    : checkpoint.or(() -> Optional.of(CheckpointName.withoutAttempt(item, position)));
        }
    }

    /** Nothing done yet. */
    static SourceState start(Relationship relationship) {
        Map<DiskName, ByteCount> covered = new HashMap<>();
        relationship.disks().keySet().forEach(disk -> covered.put(disk, ByteCount.ZERO));
        Cycle start = new Cycle(
                LogPosition.startOf(relationship.generation()), Optional.empty(), covered, Optional.empty());
        return new SourceState(start, List.of(), false, true, ByteCount.ZERO);
    }

    /** The newest cycle whose logs are whole; its checkpoint is what the next one starts from. */
    Cycle captured() {
        return waiting.isEmpty() ? acknowledged : waiting.getLast();
    }

    /** Whether images with this imprint hold nothing that was not captured. */
    boolean hasAllOf(String imprint, Relationship relationship) {
        return !startOver && isWhole(captured(), relationship) && captured().imprint().equals(Optional.of(imprint));
    }

    /** Whether the target has acknowledged all that images with this imprint hold. */
    boolean isFinished(String imprint, Relationship relationship) {
        return waiting.isEmpty() && hasAllOf(imprint, relationship);
    }

    private static boolean isWhole(Cycle cycle, Relationship relationship) {
        return cycle.covered().entrySet().stream()
                .allMatch(disk -> disk.getValue().equals(relationship.size(disk.getKey())));
    }

    /**
     * The checkpoints from which a cycle may start yet: that of what the target holds, and those after it; none when
     * the next cycle starts over.
     */
    Set<String> checkpoints(ItemId item) {
        Set<String> names = new HashSet<>();
        if (startOver) {
            return names;
        }
        acknowledged.checkpoint(item).ifPresent(names::add);
        waiting.forEach(cycle -> cycle.checkpoint(item).ifPresent(names::add));
        return names;
    }

    /** How far each disk is covered as the next cycle begins. */
    Map<DiskName, ByteCount> covered() {
        if (!startOver) {
            return captured().covered();
        }
        Map<DiskName, ByteCount> none = new HashMap<>();
        captured().covered().keySet().forEach(disk -> none.put(disk, ByteCount.ZERO));
        return none;
    }

    /** After a cycle whose logs are whole. */
    SourceState captured(Cycle cycle, ByteCount changedByIt) {
        List<Cycle> now = new ArrayList<>(waiting);
        now.add(cycle);
        return new SourceState(acknowledged, now, false, targetBlank, changed.plus(changedByIt));
    }

    /** After the target acknowledged a position; one that is acknowledged already changes nothing. */
    SourceState acknowledged(LogPosition position) {
        List<Cycle> rest = new ArrayList<>(waiting);
        Cycle newest = acknowledged;
        while (!rest.isEmpty() && !rest.getFirst().position().isAfter(position)) {
            newest = rest.removeFirst();
        }
        return new SourceState(newest, rest, startOver, targetBlank, changed);
    }

    /** Back to what the target has: waiting logs are gone or damaged, the blocks in them are captured again. */
    SourceState withoutWaiting() {
        return new SourceState(acknowledged, List.of(), startOver, targetBlank, changed);
    }

    /** Resynchronisation: every disk is covered anew, over what the target already holds. */
    SourceState startingOver() {
        return new SourceState(acknowledged, waiting, true, false, changed);
    }
}
