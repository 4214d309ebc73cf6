package org.understudy.replication;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import org.understudy.model.Failure;
import org.understudy.model.LogPosition;
import org.understudy.replication.CapturePlan.AwaitComparison;
import org.understudy.replication.CapturePlan.AwaitTarget;
import org.understudy.replication.CapturePlan.CaptureChanges;
import org.understudy.replication.CapturePlan.CaptureSlice;
import org.understudy.replication.CapturePlan.CoverAnew;

/**
 * The capture loop's turn: one cycle when it is due. The copy frequency runs from the start of one cycle to the start
 * of the next; a cycle that took longer is followed at once.
 */
final class CaptureTurn implements LoopTurn {
    private final DriverFacts facts;
    private final SourceEnd source;
    private final Pace pace;
    private final Duration copyFrequency;
    private final BooleanSupplier shippingStands;
    private long dueNanos;
    private boolean recovered;

    CaptureTurn(
            DriverFacts facts, SourceEnd source, Pace pace, Duration copyFrequency, BooleanSupplier shippingStands) {
        this.facts = facts;
        this.source = source;
        this.pace = pace;
        this.copyFrequency = copyFrequency;
        this.shippingStands = shippingStands;
        this.dueNanos = pace.nanos();
    }

    @Override
    public Duration take(DriverLoop loop) throws IOException, InterruptedException {
        if (!recovered) {
            // First of all, and whatever is halted: a point in time that stays open costs the guest's disk space.
            source.recover();
            recovered = true;
        }
        if (shippingStands.getAsBoolean()) {
            // Nobody will take what is captured now; the dirty bitmap remembers it better than a log.
            return UNTIL_TOLD;
        }
        SourceStanding standing = facts.note(source.standing());
        return switch (ReplicationPlanner.planCapture(standing)) {
            case AwaitTarget _, AwaitComparison _ -> UNTIL_TOLD;
            case CaptureSlice _ -> capture(standing.captured().next(), loop);
            case CaptureChanges _ -> captureWhenDue(standing.captured().next(), loop);
            case CoverAnew(String reason) -> {
                source.coverAnew(reason);
                yield Duration.ZERO;
            }
        };
    }

    private Duration captureWhenDue(LogPosition next, DriverLoop loop) throws IOException, InterruptedException {
        long left = dueNanos - pace.nanos();
        return left <= 0 || facts.nudged() ? capture(next, loop) : Duration.ofNanos(left);
    }

    private Duration capture(LogPosition next, DriverLoop loop) throws IOException, InterruptedException {
        // Cleared before the cycle begins: a nudge that comes while it runs asks for changes that it may not hold.
        facts.clearNudge();
        dueNanos = pace.nanos() + copyFrequency.toNanos();
        Instant began = pace.now();
        recovered = false;
        source.capture();
        recovered = true;
        SourceStanding now = source.standing();
        // Else it found out that nobody knows what changed: that is planned for in the next turn.
        if (now.captured().equals(next)) {
            facts.captured(next, began, now);
            loop.succeeded();
        }
        return Duration.ZERO;
    }

    @Override
    public Failure failureOf(IOException e) {
        return SourceFailure.of("capturing a cycle", e);
    }

    @Override
    public void letGo() {
        // A cycle owns nothing beyond its call.
    }

    @Override
    public boolean recovered(Failure failure) {
        return false;
    }
}
