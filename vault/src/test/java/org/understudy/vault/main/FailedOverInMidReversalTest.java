package org.understudy.vault.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.understudy.api.FailoverRequest;
import org.understudy.api.ItemView;
import org.understudy.api.JobView;
import org.understudy.api.Operation;
import org.understudy.api.ReverseRequest;
import org.understudy.command.AgentCommand;
import org.understudy.command.AgentReport;
import org.understudy.command.PointChoice;
import org.understudy.command.PointsHeld;
import org.understudy.model.ByteCount;
import org.understudy.model.Consistency;
import org.understudy.model.FailureCode;
import org.understudy.model.LogPosition;
import org.understudy.model.RecoveryPoint;
import org.understudy.model.RelationshipId;
import org.understudy.model.VirtualMachine.PowerState;

/** A disaster where a VM was failed over to, before its old host follows: what that has is all there is. */
@Tag("slow")
@Timeout(180)
class FailedOverInMidReversalTest extends TellsAStory {
    private static final LogPosition LEFT = LogPosition.startOf(2);
    private static final RecoveryPoint OLD_DISKS =
            new RecoveryPoint(LEFT, Instant.parse("2026-11-21T12:00:00Z"), Consistency.CRASH);
    private static final FailoverRequest TO_OLD_DISKS = new FailoverRequest(
            Optional.of("2-0"), Optional.empty(), Optional.empty(), Optional.empty());

    private String item;
    private RelationshipId back;

    @BeforeEach
    void reverse() throws IOException {
        item = story.protectedItem().toString();
        assertThat(ended(story.people().failOver(item, FailoverRequest.latest()))).isEqualTo(JobView.State.SUCCEEDED);
        story.stockholm().has(List.of(Story.web01(PowerState.SHUT_OFF)));
        assertThat(ended(story.people().operate(item, Operation.REVERSE_REPLICATE,
                new ReverseRequest(Optional.empty())))).isEqualTo(JobView.State.SUCCEEDED);
        back = new RelationshipId(story.people().item(item).id(), 2);
        story.stockholm().holds(back, List.of(OLD_DISKS), List.of(OLD_DISKS));
    }

    private JobView.State ended(JobView job) {
        return story.ended(job.id()).state();
    }

    private void loseAmsterdam() {
        story.amsterdam().fallSilent();
        story.clock().move(Duration.ofMinutes(1));
        story.stockholm().report(new AgentReport.Heartbeat("0.1.0"));
    }

    @Test
    void startsWhatTheOldHostHasWhenThatIsNamedAndNeverAsTheLatest() {
        loseAmsterdam();
        assertThat(story.people().item(item).allowedOperations()).contains(Operation.UNPLANNED_FAILOVER);
        Refusals.assertRefused(FailureCode.NO_RECOVERY_POINT, "understudy failover start web01 --point 2-0",
                () -> story.people().failOver(item, FailoverRequest.latest()));
        assertThat(story.stockholm().wasAsked(AgentCommand.FenceReplica.class)).isFalse();

        assertThat(ended(story.people().failOver(item, TO_OLD_DISKS))).isEqualTo(JobView.State.SUCCEEDED);
        ItemView runs = story.people().item(item);
        assertThat(runs.state()).isEqualTo("CommitPending");
        assertThat(runs.activeLocation()).isEqualTo(ItemView.ActiveLocation.TARGET);
        assertThat(runs.route().targetHost().name()).isEqualTo("kvm-sto");
        assertThat(story.stockholm().asked().getLast()).isInstanceOfSatisfying(AgentCommand.FailOver.class, asked -> {
            assertThat(asked.relationship()).isEqualTo(back);
            assertThat(asked.point()).isEqualTo(new PointChoice.Custom(LEFT));
        });
    }

    @Test
    void saysThatThereIsNothingWhereTheReplicaIsNewAndNotCovered() {
        story.stockholm().report(new AgentReport.TargetProgress(back, LEFT, LEFT,
                ByteCount.ZERO, PointsHeld.NONE, Optional.empty()));
        loseAmsterdam();
        Refusals.assertRefused(FailureCode.NO_RECOVERY_POINT, "has no recovery point",
                () -> story.people().failOver(item, FailoverRequest.latest()));
        assertThat(story.people().item(item).state()).isEqualTo("Reversing");
    }

    @Test
    void goesOnReversingWhenTheFailoverIsTakenBack() {
        story.stockholm().refuse(AgentCommand.FailOver.class, FailureCode.TARGET_CANNOT_RUN_VM);
        assertThat(ended(story.people().failOver(item, TO_OLD_DISKS))).isEqualTo(JobView.State.FAILED);
        assertThat(story.people().item(item).state()).isEqualTo("FailingOver");
        assertThat(ended(story.people().operate(item, Operation.ABANDON_FAILOVER, Map.of())))
                .isEqualTo(JobView.State.SUCCEEDED);
        ItemView again = story.people().item(item);
        assertThat(again.state()).isEqualTo("Reversing");
        assertThat(again.allowedOperations()).as("nobody has committed").contains(Operation.COMMIT);
    }

    /** Whose commit would be refused by the agent, after the job was begun. */
    @Test
    void aCommitThatWouldDeleteAKeptPointIsRefusedBeforehand() {
        story.amsterdam().keeps(back.item(), 3, Optional.of(story.amsterdam().point(3)));
        story.stockholm().holds(back, List.of(OLD_DISKS), List.of(OLD_DISKS));
        Refusals.assertRefused(FailureCode.STATE_FORBIDS, "understudy point let-go web01 1-3",
                () -> story.people().commit(item));
        assertThat(story.amsterdam().wasAsked(AgentCommand.CommitFailover.class)).isFalse();
    }
}
