package org.understudy.replication;

import java.util.stream.LongStream;
import org.understudy.model.LogPosition;
import org.understudy.replication.CapturePlan.AwaitComparison;
import org.understudy.replication.CapturePlan.AwaitTarget;
import org.understudy.replication.CapturePlan.CaptureChanges;
import org.understudy.replication.CapturePlan.CaptureSlice;
import org.understudy.replication.CapturePlan.CoverAnew;
import org.understudy.replication.ShippingPlan.CatchUp;
import org.understudy.replication.ShippingPlan.Compare;
import org.understudy.replication.ShippingPlan.Foreign;
import org.understudy.replication.ShippingPlan.GoBack;
import org.understudy.replication.ShippingPlan.Reason;
import org.understudy.replication.ShippingPlan.Ship;
import org.understudy.replication.ShippingPlan.UpToDate;

/**
 * Decides what each of the driver's two loops does next. Pure: no clock, disk or socket, so that every case is one
 * line of a table. Two plans and not one, because capturing goes on while shipping is in progress: each loop is told
 * only what it can do.
 */
public final class ReplicationPlanner {
    /**
     * How many captured cycles may wait at the source: one in transit and one beside it. More would only split changes
     * that the next cycle holds once into several logs; the dirty bitmap is the cheaper memory (D-10).
     */
    public static final int WAITING_CYCLES_MAX = 2;

    private ReplicationPlanner() {}

    /** What to capture, knowing the source alone: capturing never waits for an answer of the target. */
    public static CapturePlan planCapture(SourceStanding source) {
        if (source.loss().orElse(null) instanceof Loss.OfChanges lost) {
            return new CoverAnew(lost.reason());
        }
        if (source.wanted().isPresent()) {
            return new AwaitComparison();
        }
        if (source.waitingCycles() >= WAITING_CYCLES_MAX) {
            return new AwaitTarget(source.waitingCycles());
        }
        return source.initial() ? new CaptureSlice() : new CaptureChanges();
    }

    /** What to ship. {@code source} may have been asked after {@code target}: it is then only further. */
    public static ShippingPlan planShipping(SourceStanding source, TargetStanding target) {
        LogPosition held = target.acknowledged();
        if (held.generation() != source.generation()) {
            return new Foreign(source.captured(), held);
        }
        if (target.wholeUpTo().isPresent()) {
            return new GoBack(target.wholeUpTo().get(), Reason.JOURNAL_DAMAGED);
        }
        if (held.isAfter(source.captured())) {
            return new GoBack(held, Reason.TARGET_AHEAD);
        }
        if (source.acknowledged().isAfter(held)) {
            return new GoBack(held, Reason.TARGET_BEHIND);
        }
        if (held.isAfter(source.acknowledged())) {
            return new CatchUp(held);
        }
        if (source.loss().orElse(null) instanceof Loss.OfLogs) {
            return new GoBack(held, Reason.LOGS_LOST);
        }
        if (held.equals(source.captured())) {
            return source.wanted().isPresent() ? new Compare(source.wanted().get()) : new UpToDate(held);
        }
        return new Ship(LongStream.rangeClosed(held.sequence() + 1, source.captured().sequence())
                .mapToObj(sequence -> new LogPosition(held.generation(), sequence))
                .toList());
    }
}
