package org.understudy.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
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
    void shipsNothingToATargetOfAnotherGeneration() {
        LogPosition other = new LogPosition(4, 17);
        Foreign plan = new Foreign(at(17), other);
        assertThat(ship(source(17, 17), TargetStanding.at(other))).isEqualTo(plan);
        assertThat(plan.asFailure().failure().code()).isEqualTo(FailureCode.RELATIONSHIP_REFUSED);
        assertThat(plan.asFailure().failure().message()).contains("3-17", "4-17", "another generation");
    }

    @Test
    void goesOnFromTheTargetWhenThatIsAheadOfAllThatWasCaptured() {
        assertThat(ship(source(17, 16), target(18))).isEqualTo(new GoBack(at(18), Reason.TARGET_AHEAD));
    }

    @Test
    void goesBackToTheTargetWhenTheLogsThatItNeedsAreGone() {
        assertThat(ship(source(18, 16), target(15))).isEqualTo(new GoBack(at(15), Reason.TARGET_BEHIND));
    }

    @Test
    void goesBackToWhatTheTargetHasWhenLogsThatWaitAreLost() {
        Loss lost = new Loss.OfLogs("gone");
        assertThat(ship(source(18, 16).without(lost), target(16))).isEqualTo(new GoBack(at(16), Reason.LOGS_LOST));
        assertThat(ship(source(18, 16).without(lost), target(17)))
                .as("first what the target has is learnt").isEqualTo(new CatchUp(at(17)));
        assertThat(ReplicationPlanner.planCapture(source(17, 16).without(lost))).isEqualTo(new CaptureChanges());
    }

    @Test
    void goesBackToWhatIsWholeAtTheTargetWhenItsJournalIsDamaged() {
        assertThat(ship(source(18, 17), new TargetStanding(at(17), Map.of(), Optional.of(at(14)))))
                .isEqualTo(new GoBack(at(14), Reason.JOURNAL_DAMAGED));
        assertThat(ship(source(14, 14), new TargetStanding(at(17), Map.of(), Optional.of(at(14)))))
                .as("the source went back and its process died").isEqualTo(new GoBack(at(14), Reason.JOURNAL_DAMAGED));
    }

    @Test
    void coversAnewWhenNobodyKnowsWhatChanged() {
        Loss lost = new Loss.OfChanges("QEMU was killed");
        assertThat(ReplicationPlanner.planCapture(source(17, 17).without(lost)))
                .isEqualTo(new CoverAnew("QEMU was killed"));
        assertThat(ReplicationPlanner.planCapture(source(19, 17).without(lost)))
                .as("what waits does not put it off").isEqualTo(new CoverAnew("QEMU was killed"));
        assertThat(ship(source(18, 17).without(lost), target(17))).isEqualTo(new Ship(List.of(at(18))));
    }

    @Test
    void asksWhatTheTargetHoldsWhenAllThatWasCapturedIsThere() {
        HashRequest wanted = new HashRequest(at(17), new DiskName("vda"), new UUID(1, 2), 0, 4096);
        assertThat(ship(source(17, 17).wanting(wanted), target(17))).isEqualTo(new Compare(wanted));
        assertThat(ship(source(17, 16).wanting(wanted), target(16))).isEqualTo(new Ship(List.of(at(17))));
        assertThat(ship(source(17, 16).wanting(wanted), target(17))).isEqualTo(new CatchUp(at(17)));
        assertThat(ship(source(17, 17).wanting(wanted), target(15)))
                .isEqualTo(new GoBack(at(15), Reason.TARGET_BEHIND));
        assertThat(ReplicationPlanner.planCapture(source(17, 17).wanting(wanted))).isEqualTo(new AwaitComparison());
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
