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
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;

/**
 * How far an item has come at its source; writing it down is what makes a cycle count.
 *
 * @param acknowledged the newest cycle that the target has acknowledged
 * @param waiting the cycles after it whose logs are whole on the source's disks, ascending without a gap
 * @param startOver whether the next cycle covers every disk anew, because the knowledge of what changed was lost
 * @param targetBlank whether everything beyond what is covered is still untouched there, so zeroes need not be sent
 * @param changed bytes of changed blocks captured since the relationship began
 * @param anew why the disks are covered anew, until the target holds them whole again; empty in what versions before
 *     0.3 wrote
 * @param comparison with what the target holds, while the disks are covered anew; likewise
 */
record SourceState(
        Cycle acknowledged, List<Cycle> waiting, boolean startOver, boolean targetBlank, ByteCount changed,
        Optional<String> anew, Optional<Comparison> comparison) {
    SourceState {
        waiting = List.copyOf(waiting);
        anew = Objects.requireNonNullElse(anew, Optional.empty());
        comparison = Objects.requireNonNullElse(comparison, Optional.empty());
    }

    /**
     * What is found out of the target before the first cycle of a new covering.
     *
     * @param key with which hashes are made; drawn anew each time, so that what was told before means nothing
     * @param over whether no more is asked, and cycles are captured with what is known
     * @param compared bytes of the disks that were compared since
     * @param equal bytes of them that needed not be shipped
     */
    record Comparison(UUID key, boolean over, ByteCount compared, ByteCount equal) {
        static Comparison begin() {
            return new Comparison(UUID.randomUUID(), false, ByteCount.ZERO, ByteCount.ZERO);
        }

        Comparison ended() {
            return new Comparison(key, true, compared, equal);
        }

        Comparison with(ByteCount comparedMore, ByteCount equalMore) {
            return new Comparison(key, over, compared.plus(comparedMore), equal.plus(equalMore));
        }
    }

    /**
     * One cycle.
     *
     * @param instant of the disks; empty for the start, when there was no cycle yet
     * @param covered for each disk, how far initial replication (or a resynchronisation) had come after it
     * @param checkpoint from which the next cycle starts: its own, or for one at rest an earlier one; empty for the
     *     start, for one at rest that covers anew, and in what versions before 0.2 wrote
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

        /** The checkpoint on the VM from which the next cycle starts; empty for the start, and where none can. */
        Optional<String> checkpoint(RelationshipId relationship) {
            return coversNothing() || isUntracked() ? Optional.empty() : position.sequence() == 0 ? checkpoint
                    : checkpoint.or(() -> Optional.of(CheckpointName.withoutAttempt(relationship, position)));
        }

        /** Whether nothing notes what changes since: it was captured at rest, without a checkpoint. */
        private boolean isUntracked() {
            return imprint.isPresent() && checkpoint.isEmpty();
        }

        private boolean coversNothing() {
            return checkpoint.isEmpty() && covered.values().stream().allMatch(ByteCount.ZERO::equals);
        }

        /** The same position, of which nobody knows any more what changed since. */
        private Cycle uncovered() {
            Map<DiskName, ByteCount> nothing = new HashMap<>();
            covered.keySet().forEach(disk -> nothing.put(disk, ByteCount.ZERO));
            return new Cycle(position, instant, nothing, Optional.empty());
        }
    }

    /** Nothing done yet. */
    static SourceState start(Relationship relationship) {
        Map<DiskName, ByteCount> covered = new HashMap<>();
        relationship.disks().keySet().forEach(disk -> covered.put(disk, ByteCount.ZERO));
        Cycle start = new Cycle(
                LogPosition.startOf(relationship.generation()), Optional.empty(), covered, Optional.empty());
        return new SourceState(start, List.of(), false, true, ByteCount.ZERO, Optional.empty(),
                Optional.empty());
    }

    /** The target holds at the start what the VM was started from, and a checkpoint knows what it wrote since. */
    static SourceState startFrom(Relationship relationship, String checkpoint) {
        Map<DiskName, ByteCount> covered = new HashMap<>();
        relationship.disks().keySet().forEach(disk -> covered.put(disk, relationship.size(disk)));
        Cycle start = new Cycle(LogPosition.startOf(relationship.generation()), Optional.empty(), covered,
                Optional.of(checkpoint));
        return new SourceState(start, List.of(), false, false, ByteCount.ZERO, Optional.empty(), Optional.empty());
    }

    /** The newest cycle whose logs are whole; its checkpoint is what the next one starts from. */
    Cycle captured() {
        return waiting.isEmpty() ? acknowledged : waiting.getLast();
    }

    /** Whether images with this imprint hold nothing that was not captured. */
    boolean hasAllOf(String imprint, Relationship relationship) {
        return !startOver && isWhole(captured(), relationship) && captured().imprint().equals(Optional.of(imprint));
    }

    /** Whether what is covered is still so in images with this imprint, though nothing notes what changes. */
    boolean isSettled(String imprint) {
        return startOver || captured().coversNothing() || captured().imprint().equals(Optional.of(imprint));
    }

    /** Whether what is covered was captured of a VM that was off, and nothing notes what it writes once it runs. */
    boolean isUntracked() {
        return !startOver && captured().isUntracked();
    }

    /**
     * The checkpoints since which the next cycle may capture, that which costs least first: since an earlier one more
     * has changed, and nothing less.
     */
    List<String> checkpointsToCaptureSince(RelationshipId relationship) {
        if (startOver || captured().checkpoint(relationship).isEmpty()) {
            return List.of();
        }
        List<Cycle> cycles = new ArrayList<>(List.of(acknowledged));
        cycles.addAll(waiting);
        return cycles.reversed().stream().flatMap(cycle -> cycle.checkpoint(relationship).stream())
                .distinct().toList();
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
    Set<String> checkpoints(RelationshipId relationship) {
        Set<String> names = new HashSet<>();
        if (startOver) {
            return names;
        }
        acknowledged.checkpoint(relationship).ifPresent(names::add);
        waiting.forEach(cycle -> cycle.checkpoint(relationship).ifPresent(names::add));
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
        if (!cycle.position().equals(captured().position().next())) {
            throw new IllegalStateException("cycle " + cycle.position() + " does not follow " + captured().position());
        }
        List<Cycle> now = new ArrayList<>(waiting);
        now.add(cycle);
        return new SourceState(acknowledged, now, false, targetBlank, changed.plus(changedByIt), anew, comparison);
    }

    /** After the target acknowledged a position; one that is acknowledged already changes nothing. */
    SourceState acknowledged(LogPosition position) {
        List<Cycle> rest = new ArrayList<>(waiting);
        Cycle newest = acknowledged;
        while (!rest.isEmpty() && !rest.getFirst().position().isAfter(position)) {
            newest = rest.removeFirst();
        }
        return new SourceState(newest, rest, startOver, targetBlank, changed, anew, comparison);
    }

    /** The same with a comparison that is further. */
    SourceState comparing(UnaryOperator<Comparison> further) {
        return new SourceState(acknowledged, waiting, startOver, targetBlank, changed, anew, comparison.map(further));
    }

    /** The target holds the disks whole: covering them anew is over. */
    SourceState whole() {
        return new SourceState(
                acknowledged, waiting, startOver, targetBlank, changed, Optional.empty(), Optional.empty());
    }

    /** Resynchronisation: every disk is covered anew, over what the target already holds. */
    SourceState startingOver(String why) {
        return new SourceState(acknowledged.uncovered(), waiting.stream().map(Cycle::uncovered).toList(), true, false,
                changed, Optional.of(why), Optional.of(Comparison.begin()));
    }

    /**
     * On from a position that the target holds. Where that is what it had acknowledged, the blocks in the logs that
     * waited are captured again; from any other nobody knows what changed since, and the disks are covered anew.
     */
    SourceState goneBackTo(LogPosition position, String why) {
        SourceState reached = position.isAfter(captured().position()) ? this : acknowledged(position);
        if (reached.acknowledged.position().equals(position)) {
            return new SourceState(reached.acknowledged, List.of(), startOver, targetBlank, changed, anew, comparison);
        }
        Cycle there = new Cycle(position, Optional.empty(), acknowledged.covered(), Optional.empty());
        return new SourceState(there, List.of(), true, false, changed, anew, comparison).startingOver(why);
    }
}
