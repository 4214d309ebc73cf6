package org.understudy.vault.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.understudy.api.AuditView;
import org.understudy.api.ChangePointRequest;
import org.understudy.api.DisableRequest;
import org.understudy.api.DryRunView;
import org.understudy.api.FailoverRequest;
import org.understudy.api.HandOverView;
import org.understudy.api.ItemView;
import org.understudy.api.JobView;
import org.understudy.api.Operation;
import org.understudy.command.AgentCommand;
import org.understudy.command.AgentReport.Heartbeat;
import org.understudy.command.AgentReport.TargetProgress;
import org.understudy.command.HandOverProgress;
import org.understudy.command.PointChoice;
import org.understudy.command.PointsHeld;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;
import org.understudy.model.VirtualMachine.PowerState;

/** What may be done with a VM that was failed over: start it from another point, keep it, complete its migration. */
@Tag("slow")
@Timeout(180)
class AfterTheFailoverTest extends TellsAStory {
    private static final ChangePointRequest OLDER = new ChangePointRequest(Optional.of("1-3"));

    private String item;

    @BeforeEach
    void begin() throws IOException {
        item = story.protectedItem().toString();
    }

    private void failOver() {
        assertThat(ended(story.people().failOver(item, FailoverRequest.latest()))).isEqualTo(JobView.State.SUCCEEDED);
    }

    private JobView.State ended(JobView job) {
        return story.ended(job.id()).state();
    }

    private JobView change(ChangePointRequest request) {
        return story.people().operate(item, Operation.CHANGE_RECOVERY_POINT, request);
    }

    @Test
    void startsFromAnotherPointUntilItIsCommitted() {
        failOver();
        DryRunView dry = story.people().rehearse(item, Operation.CHANGE_RECOVERY_POINT, OLDER);
        assertThat(dry.possible()).isTrue();
        assertThat(dry.actions()).containsExactly(
                "stop virtual machine web01 on host kvm-ams as a power cut would",
                "delete what it wrote there since its failover: that is lost",
                "start virtual machine web01 on host kvm-ams from recovery point 1-3");
        assertThat(story.amsterdam().wasAsked(AgentCommand.DiscardFailover.class)).isFalse();

        assertThat(ended(change(OLDER))).isEqualTo(JobView.State.SUCCEEDED);
        ItemView changed = story.people().item(item);
        assertThat(changed.state()).isEqualTo("CommitPending");
        assertThat(changed.failedOverTo().orElseThrow().id()).isEqualTo("1-3");
        List<AgentCommand> asked = story.amsterdam().asked();
        assertThat(asked.getLast()).isInstanceOfSatisfying(AgentCommand.FailOver.class, again ->
                assertThat(again.point()).isEqualTo(new PointChoice.Custom(new LogPosition(1, 3))));
        assertThat(asked.get(asked.size() - 2)).isInstanceOf(AgentCommand.DiscardFailover.class);

        assertThat(ended(story.people().commit(item))).isEqualTo(JobView.State.SUCCEEDED);
        Refusals.assertRefused(FailureCode.STATE_FORBIDS, "change of the recovery point is not possible",
                () -> change(OLDER));
    }

    @Test
    void stopsNothingForAPointThatIsNotThereOrCannotBeStarted() {
        failOver();
        Refusals.assertRefused(FailureCode.NO_RECOVERY_POINT,
                () -> change(new ChangePointRequest(Optional.of("1-99"))));
        story.amsterdam().cannotRun("No CPU of the host is like that.");
        assertThat(ended(change(OLDER))).isEqualTo(JobView.State.FAILED);
        assertThat(story.amsterdam().wasAsked(AgentCommand.DiscardFailover.class)).isFalse();
        assertThat(story.people().item(item).state()).isEqualTo("CommitPending");
    }

    @Test
    void goesOnWhereItStoppedAndIsTakenBackWhenThatIsWanted() {
        failOver();
        story.amsterdam().refuse(AgentCommand.DiscardFailover.class, FailureCode.HYPERVISOR_REFUSED);
        JobView stopped = change(OLDER);
        assertThat(ended(stopped)).isEqualTo(JobView.State.FAILED);
        ItemView failing = story.people().item(item);
        assertThat(failing.state()).isEqualTo("FailingOver");
        assertThat(failing.allowedOperations()).contains(Operation.UNPLANNED_FAILOVER, Operation.ABANDON_FAILOVER);
        assertThat(story.people().job(stopped.id()).allowedActions()).contains(JobView.Action.RESTART);
        story.amsterdam().obey();
        story.people().restart(stopped.id());
        Awaiting.until(() -> story.people().item(item).state(), "CommitPending"::equals);
        Awaiting.until(() -> story.people().job(stopped.id()).state(), JobView.State.SUCCEEDED::equals);
        assertThat(story.people().job(stopped.id()).allowedActions()).isEmpty();
    }

    @Test
    void completesAMigrationOnceTheVmWasFailedOverAndTouchesNothingOfItsSource() {
        Refusals.assertRefused(FailureCode.STATE_FORBIDS, "complete the migration is not possible",
                () -> story.people().operate(item, Operation.COMPLETE_MIGRATION, Map.of()));
        failOver();
        story.stockholm().has(List.of(Story.web01(PowerState.SHUT_OFF)));
        story.stockholm().asked().clear();
        assertThat(story.people().rehearse(item, Operation.COMPLETE_MIGRATION, Map.of()).actions())
                .anyMatch(action -> action.contains("no way back"));
        story.amsterdam().refuse(AgentCommand.RemoveReplica.class, FailureCode.IN_USE);
        JobView done = story.people().operate(item, Operation.COMPLETE_MIGRATION, Map.of());
        assertThat(ended(done)).isEqualTo(JobView.State.SUCCEEDED);
        assertThat(done.name()).isEqualTo("Complete Migration");
        assertThat(story.people().items()).isEmpty();
        assertThat(story.amsterdam().wasAsked(AgentCommand.CommitFailover.class)).isTrue();
        assertThat(story.stockholm().asked()).hasSize(1).first().isInstanceOf(AgentCommand.StopReplication.class);
        assertThat(story.people().audit(1).getFirst()).extracting(AuditView::action, AuditView::outcome)
                .containsExactly("Complete Migration", "done");
    }

    /** That the VM runs there was told before it was failed over; a host that is back has not told anything yet. */
    @Test
    void reversesOverAHostWhoseWordsAreOfBeforeTheFailoverAndNotWhereTheVmIsToldToRunSince() {
        story.clock().move(Duration.ofSeconds(1));
        failOver();
        assertThat(story.people().rehearse(item, Operation.REVERSE_REPLICATE, Map.of()).possible()).isTrue();
        story.clock().move(Duration.ofSeconds(1));
        story.stockholm().has(List.of(Story.web01(PowerState.RUNNING)));
        Refusals.assertRefused(FailureCode.SOURCE_STILL_RUNNING, "still runs on host kvm-sto",
                () -> story.people().operate(item, Operation.REVERSE_REPLICATE, Map.of()));
        assertThat(story.people().item(item).state()).isEqualTo("CommitPending");
    }

    @Test
    void tellsHowFarTheDisksOfACommittedVmAreItsOwnUntilTheyAre() {
        failOver();
        assertThat(ended(story.people().commit(item))).isEqualTo(JobView.State.SUCCEEDED);
        assertThat(story.people().item(item).progress().handOver()).isEmpty();
        TargetProgress told = new TargetProgress(RelationshipId.first(ItemId.parse(item)), new LogPosition(1, 5),
                new LogPosition(1, 5), ByteCount.ZERO, PointsHeld.NONE, Optional.empty());
        story.amsterdam().report(told.handingOver(Optional.of(new HandOverProgress("disk vda is handed over",
                Optional.of(new DiskName("vda")), ByteCount.ofGibibytes(1), ByteCount.ofGibibytes(4), 2))));
        HandOverView seen = story.people().item(item).progress().handOver().orElseThrow();
        assertThat(seen).isEqualTo(new HandOverView("disk vda is handed over", Optional.of("vda"),
                ByteCount.ofGibibytes(1), ByteCount.ofGibibytes(4), 2));
        story.amsterdam().report(told);
        assertThat(story.people().item(item).progress().handOver()).isEmpty();
    }

    @Test
    void completesAMigrationWhoseSourceIsGoneForGood() {
        failOver();
        assertThat(ended(story.people().commit(item))).isEqualTo(JobView.State.SUCCEEDED);
        story.stockholm().fallSilent();
        story.clock().move(Duration.ofMinutes(1));
        story.amsterdam().report(new Heartbeat("0.1.0"));
        assertThat(ended(story.people().operate(item, Operation.COMPLETE_MIGRATION, Map.of())))
                .isEqualTo(JobView.State.SUCCEEDED);
        assertThat(story.people().items()).isEmpty();
    }

    @Test
    void completesNoMigrationWhileTheVmRunsAtItsSourceToo() {
        failOver();
        story.stockholm().has(List.of(Story.web01(PowerState.RUNNING)));
        Refusals.assertRefused(FailureCode.SOURCE_STILL_RUNNING,
                () -> story.people().operate(item, Operation.COMPLETE_MIGRATION, Map.of()));
        assertThat(story.amsterdam().wasAsked(AgentCommand.CommitFailover.class)).isFalse();
        assertThat(story.people().item(item).state()).isEqualTo("CommitPending");
    }

    /** What a first try knew of the VM, the second knows too: it runs, and its disks are not removed. */
    @Test
    void knowsThatTheVmRunsWhenProtectionIsDisabledForTheSecondTime() {
        failOver();
        story.stockholm().refuse(AgentCommand.StopReplication.class, FailureCode.HYPERVISOR_REFUSED);
        DisableRequest delete = new DisableRequest(Optional.of(true), Optional.empty());
        assertThat(ended(story.people().disable(item, delete))).isEqualTo(JobView.State.FAILED);
        assertThat(story.people().item(item).activeLocation()).isEqualTo(ItemView.ActiveLocation.TARGET);
        story.stockholm().obey();
        assertThat(ended(story.people().disable(item, delete))).isEqualTo(JobView.State.SUCCEEDED);
        assertThat(story.people().items()).isEmpty();
        assertThat(story.amsterdam().wasAsked(AgentCommand.RemoveReplica.class)).isFalse();
    }
}
