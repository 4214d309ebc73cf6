package org.understudy.replica;

import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.understudy.model.Consistency;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.model.RecoveryPoint;

/**
 * The points that an item can be started from at one moment, and the choices of RP-05 among them; pure.
 *
 * @param newestFirst never changed any more; every point, those that are only journaled included
 * @param applied the last position applied; points after it need the journal to be applied first
 */
public record RecoveryPoints(List<RecoveryPoint> newestFirst, LogPosition applied) {
    public RecoveryPoints {
        newestFirst = Collections.unmodifiableList(newestFirst);
        Objects.requireNonNull(applied, "applied");
    }

    /** The newest acknowledged point: the lowest loss; its journal is applied first. */
    public RecoveryPoint latest() {
        return first(point -> true, "has no recovery point yet");
    }

    /** The newest point that is already applied: the lowest waiting. */
    public RecoveryPoint latestProcessed() {
        return first(this::processed, "has no processed recovery point yet");
    }

    /** The newest processed point at which the guest froze its applications. */
    public RecoveryPoint latestApplicationConsistent() {
        return first(point -> processed(point) && point.consistency() == Consistency.APPLICATION,
                "has no application-consistent recovery point");
    }

    /** The point of that position. */
    public RecoveryPoint custom(LogPosition position) {
        return first(point -> point.position().equals(position), "has no recovery point " + position + " (any more)");
    }

    private boolean processed(RecoveryPoint point) {
        return LogPosition.ORDER.compare(point.position(), applied) <= 0;
    }

    private RecoveryPoint first(Predicate<RecoveryPoint> wanted, String lack) {
        return newestFirst.stream().filter(wanted).findFirst().orElseThrow(() -> FailureException.of(
                FailureCode.NO_RECOVERY_POINT,
                "the item " + lack + "; it has " + newestFirst.size() + " in all"));
    }
}
