package org.understudy.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.understudy.model.ByteCount;
import org.understudy.model.FailureCode;
import org.understudy.model.LogPosition;
import org.understudy.replication.CapturePlan.AwaitTarget;
import org.understudy.replication.CapturePlan.CaptureChanges;
import org.understudy.replication.CapturePlan.CaptureSlice;
import org.understudy.replication.ShippingPlan.CatchUp;
import org.understudy.replication.ShippingPlan.Reason;
import org.understudy.replication.ShippingPlan.Resynchronize;
import org.understudy.replication.ShippingPlan.Ship;
import org.understudy.replication.ShippingPlan.UpToDate;

/** The table of what comes next. */
class ReplicationPlannerTest {
    @Test
    void doesNothingWhenTheTargetHoldsAllThatWasCaptured() {
        assertThat(ship(source(17, 17), target(17))).isEqualTo(new UpToDate(at(17)));
        assertThat(ship(source(0, 0), target(0))).isEqualTo(new UpToDate(at(0)));
    }

    @Test
    void shipsWhatTheTargetLacksOldestFirst() {
        assertThat(ship(source(17, 16), target(16))).isEqualTo(new Ship(List.of(at(17))));
        assertThat(ship(source(18, 16), target(16))).isEqualTo(new Ship(List.of(at(17), at(18))));
    }

    @Test
    void catchesUpWhenTheAcknowledgementWasLost() {
        assertThat(ship(source(18, 16), target(17))).isEqualTo(new CatchUp(at(17)));
        assertThat(ship(source(18, 16), target(18))).isEqualTo(new CatchUp(at(18)));
    }

    @Test
    void resynchronizesWhenTheTargetHoldsAnotherGeneration() {
        LogPosition other = new LogPosition(4, 17);
        assertThat(ship(source(17, 17), TargetStanding.at(other)))
                .isEqualTo(new Resynchronize(Reason.ANOTHER_GENERATION, at(17), other));
    }

    @Test
    void resynchronizesWhenTheTargetIsAheadOfAllThatWasCaptured() {
        assertThat(ship(source(17, 16), target(18)))
                .isEqualTo(new Resynchronize(Reason.TARGET_AHEAD_OF_SOURCE, at(17), at(18)));
    }

    @Test
    void resynchronizesWhenTheLogsThatTheTargetNeedsAreGone() {
        Resynchronize plan = new Resynchronize(Reason.LOGS_GONE, at(18), at(15));
        assertThat(ship(source(18, 16), target(15))).isEqualTo(plan);
        assertThat(plan.asFailure().failure().code()).isEqualTo(FailureCode.RESYNCHRONIZATION_REQUIRED);
        assertThat(plan.asFailure().failure().message()).contains("3-18", "3-15", "no longer keeps");
    }

    @Test
    void capturesUntilTwoCyclesWait() {
        assertThat(ReplicationPlanner.planCapture(source(17, 17))).isEqualTo(new CaptureChanges());
        assertThat(ReplicationPlanner.planCapture(source(18, 17))).isEqualTo(new CaptureChanges());
        assertThat(ReplicationPlanner.planCapture(source(19, 17))).isEqualTo(new AwaitTarget(2));
    }

    @Test
    void capturesSliceAfterSliceUntilTheFrontIsThrough() {
        SourceStanding initial = new SourceStanding(
                at(1), at(1), ByteCount.ofMebibytes(256), ByteCount.ofGibibytes(4), ByteCount.ZERO);
        assertThat(ReplicationPlanner.planCapture(initial)).isEqualTo(new CaptureSlice());
    }

    private static ShippingPlan ship(SourceStanding source, TargetStanding target) {
        return ReplicationPlanner.planShipping(source, target);
    }

    private static SourceStanding source(long captured, long acknowledged) {
        ByteCount all = ByteCount.ofGibibytes(4);
        return new SourceStanding(at(captured), at(acknowledged), all, all, ByteCount.ZERO);
    }

    private static TargetStanding target(long acknowledged) {
        return TargetStanding.at(at(acknowledged));
    }

    private static LogPosition at(long sequence) {
        return new LogPosition(3, sequence);
    }
}
