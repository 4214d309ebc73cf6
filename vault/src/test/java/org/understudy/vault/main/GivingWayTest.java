package org.understudy.vault.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.understudy.api.DisableRequest;
import org.understudy.api.FailoverRequest;
import org.understudy.api.JobView;
import org.understudy.api.Operation;
import org.understudy.api.PolicyRequest;
import org.understudy.api.TestFailoverRequest;
import org.understudy.api.TokenRequest;
import org.understudy.api.VaultAddress;
import org.understudy.api.VaultClient;
import org.understudy.command.AgentCommand;
import org.understudy.command.AgentReport.Heartbeat;
import org.understudy.model.FailureCode;
import org.understudy.model.ItemId;
import org.understudy.model.VirtualMachine.PowerState;

/** Which job stands in the way of which request, and who may act on a job. */
@Tag("slow")
@Timeout(180)
class GivingWayTest extends TellsAStory {
    private static final FailoverRequest LATEST = FailoverRequest.latest();

    @Tag("slow")
    @Test
    void tellsChangedSettingsOnlyWhenBothEndsListen() {
        ItemId item = story.protectedItem();
        story.stockholm().fallSilent();
        story.clock().move(Duration.ofMinutes(2));
        story.people().changePolicy("fast", PolicyRequest.named("fast", Duration.ofSeconds(30)));
        story.amsterdam().holds(item, 3);
        assertThat(story.people().jobs(Optional.of(item.toString()), true)).isEmpty();
        JobView failover = story.people().failOver(item.toString(), LATEST);
        assertThat(story.ended(failover.id()).state()).isEqualTo(JobView.State.SUCCEEDED);
    }

    @Test
    void failsOverInPlaceOfAnAutomaticJobThatWaitsForTheSource() {
        ItemId item = story.protectedItem();
        story.stockholm().takeWithoutAnswer(AgentCommand.StartReplication.class);
        story.people().changePolicy("fast", PolicyRequest.named("fast", Duration.ofSeconds(30)));
        story.amsterdam().holds(item, 3);
        story.stockholm().hasTaken(AgentCommand.StartReplication.class);
        JobView update = story.people().jobs(Optional.of(item.toString()), true).getFirst();
        JobView failover = story.people().failOver(item.toString(), LATEST);
        assertThat(story.people().job(update.id()).state()).isEqualTo(JobView.State.CANCELLED);
        assertThat(story.ended(failover.id()).state()).isEqualTo(JobView.State.SUCCEEDED);
    }

    @Tag("slow")
    @Test
    void failsOverInPlaceOfAResumeTowardsASourceThatIsGone() {
        ItemId item = story.protectedItem();
        story.stockholm().fallSilent();
        story.clock().move(Duration.ofMinutes(1));
        story.amsterdam().report(new Heartbeat("0.1.0"));
        JobView resume = story.people().resume(item.toString());
        JobView failover = story.people().failOver(item.toString(), LATEST);
        assertThat(story.people().job(resume.id()).state()).isEqualTo(JobView.State.CANCELLED);
        assertThat(story.ended(failover.id()).state()).isEqualTo(JobView.State.SUCCEEDED);
    }

    /** The checks of a failover ask the target and take time; what a colleague began meanwhile is seen. */
    @Tag("slow")
    @Test
    void doesNotFailOverInPlaceOfATestThatCameAsFarAsItsVmMeanwhile() {
        String item = story.protectedItem().toString();
        story.amsterdam().takeWithoutAnswer(AgentCommand.StartTestFailover.class);
        story.amsterdam().takeWithoutAnswer(AgentCommand.ListPoints.class);
        var failover = CompletableFuture.supplyAsync(() -> story.people().failOver(item, new FailoverRequest(
                Optional.of("1-4"), Optional.empty(), Optional.empty(), Optional.empty())));
        story.amsterdam().wasQuestioned(AgentCommand.ListPoints.class);
        JobView test = story.people().testFailover(item, TestFailoverRequest.isolated());
        story.amsterdam().hasTaken(AgentCommand.StartTestFailover.class);
        story.amsterdam().answer(AgentCommand.ListPoints.class);
        assertThat(failover).failsWithin(Duration.ofMinutes(1)).withThrowableThat()
                .withMessageContaining("test failover is in progress");
        assertThat(story.people().job(test.id()).state().isEnded()).isFalse();
    }

    /** What a planned failover does when it ends, start its VM again, is not what who takes its place wants. */
    @Test
    void startsNoSourceThatAFailoverWantsOffAndSaysSoInTheOneThatGaveWay() {
        ItemId item = story.protectedItem();
        story.stockholm().takeWithoutAnswer(AgentCommand.FinishReplication.class);
        JobView planned = story.people().operate(item.toString(), Operation.PLANNED_FAILOVER, Map.of());
        story.stockholm().hasTaken(AgentCommand.FinishReplication.class);
        story.stockholm().obey();
        JobView failover = story.people().failOver(item.toString(), LATEST);
        assertThat(story.ended(failover.id()).state()).isEqualTo(JobView.State.SUCCEEDED);
        JobView gaveWay = story.people().job(planned.id());
        assertThat(gaveWay.state()).isEqualTo(JobView.State.CANCELLED);
        assertThat(gaveWay.error().orElseThrow().message()).isEqualTo("Planned failover on web01 gave way to Failover, "
                + "which somebody asked for. It had virtual machine web01 shut down on host kvm-sto, and nothing "
                + "starts it there again.");
        assertThat(gaveWay.error().orElseThrow().recommendedAction()).contains("virsh start");
        assertThat(story.stockholm().wasAsked(AgentCommand.StartMachine.class)).isFalse();
        assertThat(story.people().jobs(Optional.of(item.toString()), false)).extracting(JobView::name)
                .doesNotContain("Abandon failover", "Reverse replicate");
    }

    /** The order to start it outlives the job that gave it; told as off until then, a second copy would run soon. */
    @Test
    void leavesNoSourceAsItIsThatIsBeingStarted() {
        String item = story.protectedItem().toString();
        FailoverRequest leavingIt =
                new FailoverRequest(Optional.empty(), Optional.of(false), Optional.empty(), Optional.empty());
        story.stockholm().takeWithoutAnswer(AgentCommand.FinishReplication.class);
        story.stockholm().takeWithoutAnswer(AgentCommand.StartMachine.class);
        JobView planned = story.people().operate(item, Operation.PLANNED_FAILOVER, Map.of());
        story.stockholm().hasTaken(AgentCommand.FinishReplication.class);
        story.stockholm().has(List.of(Story.web01(PowerState.SHUT_OFF)));
        story.people().cancel(planned.id());
        story.stockholm().hasTaken(AgentCommand.StartMachine.class);
        Refusals.assertRefused(FailureCode.SOURCE_STILL_RUNNING, () -> story.people().failOver(item, leavingIt));

        story.stockholm().refuse(AgentCommand.ShutDownMachine.class, FailureCode.SOURCE_STILL_RUNNING);
        JobView inItsPlace = story.ended(story.people().failOver(item, LATEST).id());
        assertThat(inItsPlace.state()).isEqualTo(JobView.State.FAILED);
        Refusals.assertRefused(FailureCode.SOURCE_STILL_RUNNING, () -> story.people().failOver(item, leavingIt));
        assertThat(story.amsterdam().wasAsked(AgentCommand.FailOver.class)).isFalse();

        story.stockholm().obey();
        assertThat(story.ended(story.people().failOver(item, LATEST).id()).state())
                .isEqualTo(JobView.State.SUCCEEDED);
    }

    @Test
    void doesNotFailOverInPlaceOfAnotherFailover() {
        ItemId item = story.protectedItem();
        story.stockholm().takeWithoutAnswer(AgentCommand.ShutDownMachine.class);
        story.people().failOver(item.toString(), LATEST);
        Refusals.assertRefused(FailureCode.OPERATION_IN_PROGRESS,
                () -> story.people().failOver(item.toString(), LATEST));
    }

    @Test
    void letsNobodyRestartOrCancelWhatHeMayNotStart() throws IOException {
        ItemId item = story.protectedItem();
        story.stockholm().refuse(AgentCommand.StopReplication.class, FailureCode.HYPERVISOR_REFUSED);
        JobView disable = story.people().disable(item.toString(),
                new DisableRequest(Optional.of(true), Optional.empty()));
        assertThat(story.ended(disable.id()).state()).isEqualTo(JobView.State.FAILED);
        story.stockholm().obey();
        String token = story.people().createToken(new TokenRequest("op", "OPERATOR")).token();
        try (VaultClient operator = new VaultClient(
                VaultAddress.of(story.vault().url(), story.vault().authorityFile(), story.token(token)))) {
            Refusals.assertRefused(FailureCode.NOT_PERMITTED, () -> operator.restart(disable.id()));
            Refusals.assertRefused(FailureCode.NOT_PERMITTED, () -> operator.cancel(disable.id()));
        }
        assertThat(story.amsterdam().wasAsked(AgentCommand.RemoveReplica.class)).isFalse();
        story.people().restart(disable.id());
        Awaiting.until(() -> story.people().items(), List::isEmpty);
    }
}
