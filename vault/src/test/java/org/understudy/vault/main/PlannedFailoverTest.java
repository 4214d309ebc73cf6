package org.understudy.vault.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.api.DryRunView;
import org.understudy.api.FailoverRequest;
import org.understudy.api.HealthView;
import org.understudy.api.ItemView;
import org.understudy.api.JobView;
import org.understudy.api.Operation;
import org.understudy.api.TestFailoverRequest;
import org.understudy.command.AgentCommand;
import org.understudy.command.AgentReport;
import org.understudy.command.HeldRole;
import org.understudy.command.MachineRole;
import org.understudy.command.PointChoice;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.VirtualMachine.PowerState;

/** The story of planned failovers (PF-01 to PF-05), and of what an unplanned one carries over (UF-01). */
@Tag("slow")
class PlannedFailoverTest {
    private static final FailoverRequest LATEST = FailoverRequest.latest();

    @TempDir
    private Path data;
    private Story story;
    private ItemId item;

    @BeforeEach
    void protect() throws IOException {
        story = Story.told(data);
        item = story.protectedItem();
    }

    @AfterEach
    void close() {
        story.close();
    }

    @Test
    void failsOverAtExactlyWhatTheMachineWroteLastAndSaysThatNothingWasLost() {
        assertThat(story.people().item("web01").allowedOperations()).contains(Operation.PLANNED_FAILOVER);
        DryRunView dry = story.people().failOverAsPlannedDryRun("web01");
        assertThat(dry.possible()).isTrue();
        assertThat(dry.actions()).first().asString().contains("shut virtual machine web01 down on host kvm-sto");
        assertThat(dry.actions()).last().asString().contains("nothing is lost");

        JobView job = story.ended(story.people().failOverAsPlanned("web01").id());
        assertThat(job.state()).isEqualTo(JobView.State.SUCCEEDED);
        assertThat(job.steps()).extracting(JobView.Step::name).containsExactly(
                "Prerequisites check for planned failover", "Shut down the source virtual machine",
                "Synchronize the latest changes", "Stop replication", "Check that nothing is lost",
                "Start the replica virtual machine");
        assertThat(job.steps().getLast().note().orElseThrow()).contains("kvm-ams", "1-7", "nothing was lost");
        assertThat(kinds(story.stockholm())).containsSubsequence(
                "ShutDownMachine", "FinishReplication", "FinishReplication").doesNotContain("StartMachine");
        assertThat(story.amsterdam().asked()).filteredOn(AgentCommand.FailOver.class::isInstance).singleElement()
                .extracting(asked -> ((AgentCommand.FailOver) asked).point())
                .isEqualTo(new PointChoice.Custom(new LogPosition(1, 7)));
        ItemView reversed = story.state(item, "Reversing");
        assertThat(reversed.failedOverTo()).isPresent();
        assertThat(reversed.generation()).isEqualTo(2);
        assertThat(reversed.route().sourceHost().name()).isEqualTo("kvm-ams");
    }

    @Test
    void startsTheSourceAgainWhenWhatItWroteLastDoesNotArrive() {
        story.stockholm().refuse(AgentCommand.FinishReplication.class, FailureCode.RESYNCHRONIZATION_REQUIRED);
        JobView job = story.ended(story.people().failOverAsPlanned("web01").id());
        assertThat(job.error().orElseThrow().code()).isEqualTo(FailureCode.RESYNCHRONIZATION_REQUIRED);
        takenBack();
        assertThat(story.amsterdam().wasAsked(AgentCommand.FenceReplica.class)).isFalse();
        assertThat(kinds(story.amsterdam())).as("the target says first that it runs no copy")
                .contains("ReleaseReplica");
        assertThat(story.people().job(job.id()).allowedActions()).as("it is begun anew").isEmpty();

        story.stockholm().obey();
        assertThat(story.ended(story.people().failOverAsPlanned("web01").id()).state())
                .isEqualTo(JobView.State.SUCCEEDED);
    }

    @Test
    void startsTheSourceAgainWhenTheGuestDoesNotShutDownOrTheJobIsCancelled() {
        story.stockholm().refuse(AgentCommand.ShutDownMachine.class, FailureCode.SOURCE_STILL_RUNNING);
        JobView refused = story.ended(story.people().failOverAsPlanned("web01").id());
        assertThat(refused.error().orElseThrow().code()).isEqualTo(FailureCode.SOURCE_STILL_RUNNING);
        takenBack();

        story.stockholm().obey();
        story.stockholm().takeWithoutAnswer(AgentCommand.FinishReplication.class);
        JobView job = story.people().failOverAsPlanned("web01");
        story.stockholm().hasTaken(AgentCommand.FinishReplication.class);
        story.people().cancel(job.id());
        assertThat(story.ended(job.id()).state()).isEqualTo(JobView.State.CANCELLED);
        takenBack();
    }

    @Test
    void takesTheFenceBackAndStartsTheSourceWhenTheTargetCannotStartTheMachine() {
        story.amsterdam().refuse(AgentCommand.FailOver.class, FailureCode.HYPERVISOR_REFUSED);
        JobView job = story.ended(story.people().failOverAsPlanned("web01").id());
        assertThat(job.error().orElseThrow().code()).isEqualTo(FailureCode.HYPERVISOR_REFUSED);
        takenBack();
        assertThat(kinds(story.amsterdam())).containsSubsequence("FenceReplica", "FailOver", "ReleaseReplica");
        assertThat(kinds(story.stockholm())).containsSubsequence("ResumeReplication", "StartMachine");
    }

    @Test
    void leavesTheSourceOffAsLongAsTheTargetMayRunTheMachine() {
        story.amsterdam().refuse(AgentCommand.FailOver.class, FailureCode.HYPERVISOR_REFUSED);
        story.amsterdam().refuse(AgentCommand.ReleaseReplica.class, FailureCode.STATE_FORBIDS);
        story.ended(story.people().failOverAsPlanned("web01").id());
        ItemView stopped = story.state(item, "FailingOver");
        assertThat(stopped.health().level()).isEqualTo(HealthView.Level.CRITICAL);
        assertThat(stopped.allowedOperations()).contains(Operation.UNPLANNED_FAILOVER, Operation.ABANDON_FAILOVER);
        assertThat(story.stockholm().wasAsked(AgentCommand.StartMachine.class)).isFalse();

        story.amsterdam().obey();
        assertThat(story.ended(story.people().failOver("web01", LATEST).id()).state())
                .isEqualTo(JobView.State.SUCCEEDED);
        story.state(item, "CommitPending");
    }

    @Test
    void leavesTheSourceOffWhenAPersonFailedOverAtTheTargetMeanwhile() {
        story.stockholm().refuse(AgentCommand.FinishReplication.class, FailureCode.REPLICA_FENCED);
        story.amsterdam().refuse(AgentCommand.ReleaseReplica.class, FailureCode.STATE_FORBIDS);
        story.ended(story.people().failOverAsPlanned("web01").id());
        assertThat(abandoned().state()).isEqualTo(JobView.State.FAILED);
        assertThat(story.stockholm().wasAsked(AgentCommand.StartMachine.class)).isFalse();
        tellsThatItRuns();
        assertThat(story.state(item, "CommitPending").failedOverTo()).isPresent();
    }

    @Test
    void startsTheSourceAgainWhenTheTargetDiesBeforeTheFence() {
        cancelledWhileTheTargetIsSilent(() -> { });
        takenBack();
    }

    @Test
    void leavesTheSourceOffWhenTheTargetRanTheMachineBeforeItFellSilent() {
        cancelledWhileTheTargetIsSilent(this::tellsThatItRuns);
        assertThat(abandoned().state()).isEqualTo(JobView.State.FAILED);
        assertThat(abandoned().error().orElseThrow().message()).contains("web01", "kvm-ams");
        assertThat(story.stockholm().wasAsked(AgentCommand.StartMachine.class)).isFalse();
    }

    private JobView abandoned() {
        return Awaiting.until(() -> story.people().jobs(Optional.of(item.toString()), false),
                jobs -> jobs.getFirst().name().equals("Abandon failover") && jobs.getFirst().state().isEnded())
                .getFirst();
    }

    private void cancelledWhileTheTargetIsSilent(Runnable before) {
        story.stockholm().takeWithoutAnswer(AgentCommand.FinishReplication.class);
        JobView job = story.people().failOverAsPlanned("web01");
        story.stockholm().hasTaken(AgentCommand.FinishReplication.class);
        before.run();
        story.amsterdam().fallSilent();
        story.clock().move(Duration.ofMinutes(2));
        story.stockholm().report(new AgentReport.Heartbeat("0.1.0"));
        story.people().cancel(job.id());
        assertThat(story.ended(job.id()).state()).isEqualTo(JobView.State.CANCELLED);
    }

    private void tellsThatItRuns() {
        story.amsterdam().tells(new AgentReport.Roles(List.of(new HeldRole(Story.WEB01, Optional.of(item), "web01",
                MachineRole.RUNNING_REPLICA, Instant.parse("2026-11-28T04:00:00Z"), Optional.empty(),
                Optional.of(new HeldRole.Deed("anna", "stockholm burns",
                        Optional.of(story.amsterdam().point(4))))))));
    }

    @Test
    void leavesAMachineOffThatWasOff() {
        story.stockholm().has(List.of(Story.web01(PowerState.SHUT_OFF)));
        story.stockholm().refuse(AgentCommand.FinishReplication.class, FailureCode.RESYNCHRONIZATION_REQUIRED);
        story.ended(story.people().failOverAsPlanned("web01").id());
        story.state(item, "Protected");
        assertThat(story.stockholm().wasAsked(AgentCommand.StartMachine.class)).isFalse();
    }

    @Test
    void refusesBeforehandWhatCouldNotGoOnWithoutLoss() {
        story.stockholm().has(List.of(Story.web01(PowerState.PAUSED)));
        refused(FailureCode.STATE_FORBIDS, "is not running and is not powered off");
        story.stockholm().has(List.of(Story.web01(PowerState.RUNNING)));

        story.stockholm().isInTrouble(item, FailureCode.LINK_LOST);
        refused(FailureCode.LINK_LOST, "the script says so");
        story.stockholm().replicates(item, 100, 5);

        story.people().testFailover("web01", TestFailoverRequest.isolated());
        Awaiting.until(() -> story.people().item("web01").testFailover(), Optional::isPresent);
        Refusals.assertRefused(FailureCode.STATE_FORBIDS, "test failover is in progress",
                () -> story.people().failOverAsPlanned("web01"));
        assertThat(story.stockholm().wasAsked(AgentCommand.ShutDownMachine.class)).isFalse();
    }

    @Test
    void refusesAPlannedFailoverWithoutItsSource() {
        story.stockholm().fallSilent();
        story.clock().move(Duration.ofMinutes(2));
        story.amsterdam().holds(item, 3);
        refused(FailureCode.AGENT_UNREACHABLE, "source host kvm-sto");
    }

    @Test
    void refusesBeforehandWhatItsTargetCouldNotTakeBack() {
        story.amsterdam().isOfTheFirstRelease();
        story.amsterdam().report();
        refused(FailureCode.PROTOCOL_VIOLATED, "the agent on host kvm-ams is of a release that cannot");
    }

    @Test
    void anUnplannedFailoverCarriesOverWhatWasWrittenLastAndGoesOnWithoutIt() {
        story.stockholm().refuse(AgentCommand.FinishReplication.class, FailureCode.LINK_LOST);
        JobView job = story.ended(story.people().failOver("web01", LATEST).id());
        assertThat(job.state()).isEqualTo(JobView.State.SUCCEEDED);
        assertThat(kinds(story.stockholm())).containsSubsequence("ShutDownMachine", "FinishReplication");
        assertThat(job.steps()).filteredOn(step -> step.name().equals("Synchronize the latest changes"))
                .singleElement().satisfies(step -> {
                    assertThat(step.state()).isEqualTo(JobView.State.SKIPPED);
                    assertThat(step.note().orElseThrow()).contains("the script says so");
                });
        assertThat(story.people().item("web01").state()).isEqualTo("CommitPending");
    }

    private void refused(FailureCode code, String words) {
        DryRunView dry = story.people().failOverAsPlannedDryRun("web01");
        assertThat(dry.possible()).isFalse();
        assertThat(dry.checks().stream().flatMap(check -> check.failure().stream()).map(Failure::message))
                .anyMatch(message -> message.contains(words));
        Refusals.assertRefused(code, words, () -> story.people().failOverAsPlanned("web01"));
    }

    /** The vault has taken it back by itself, and the VM was started at its source. */
    private void takenBack() {
        assertThat(abandoned().state()).isEqualTo(JobView.State.SUCCEEDED);
        assertThat(story.stockholm().wasAsked(AgentCommand.StartMachine.class)).isTrue();
        assertThat(story.state(item, "Protected").health().level()).isNotEqualTo(HealthView.Level.CRITICAL);
    }

    private static List<String> kinds(ScriptedAgent agent) {
        return agent.asked().stream().map(command -> command.getClass().getSimpleName()).toList();
    }
}
