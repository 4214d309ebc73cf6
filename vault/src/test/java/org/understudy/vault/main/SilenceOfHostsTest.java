package org.understudy.vault.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.understudy.api.DisableRequest;
import org.understudy.api.FailoverRequest;
import org.understudy.api.JobView;
import org.understudy.command.AgentCommand;
import org.understudy.command.AgentReport;
import org.understudy.command.AgentReport.Heartbeat;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.ItemId;

/** What follows from an agent that is not heard of: that it is gone only when the vault listened and it was silent. */
@Tag("slow")
@Timeout(180)
class SilenceOfHostsTest extends TellsAStory {
    private static final FailoverRequest LATEST = FailoverRequest.latest();
    private static final Heartbeat ALIVE = new Heartbeat("0.1.0");
    private static final String SHUT_DOWN = "Shut down the source virtual machine";
    private static final String FENCE = "Stop replication";
    private static final String START = "Start the replica virtual machine";
    private static final String DISABLE_AT_SOURCE = "Disabling replication on the source";

    private JobView.Step step(JobView job, String name) {
        return story.people().job(job.id()).steps().stream().filter(step -> step.name().equals(name)).findFirst()
                .orElseThrow();
    }

    private void awaitStep(JobView job, String name, JobView.State state) {
        Awaiting.until(() -> step(job, name).state(), state::equals);
    }

    @Test
    void doesNotStartASecondCopyWhenTheVaultWasAwayWhileTheSourceShutDown() throws IOException {
        ItemId item = story.protectedItem();
        story.stockholm().takeWithoutAnswer(AgentCommand.ShutDownMachine.class);
        JobView job = story.people().failOver(item.toString(), LATEST);
        story.stockholm().hasTaken(AgentCommand.ShutDownMachine.class);
        story.restart(Duration.ofMinutes(10));
        story.amsterdam().comeBack(story.vault());
        Awaiting.until(() -> step(job, SHUT_DOWN).note(),
                note -> note.filter(text -> text.contains("listened")).isPresent());
        assertThat(story.people().item(item.toString()).state()).isEqualTo("Protected");
        story.stockholm().obey();
        story.stockholm().refuse(AgentCommand.ShutDownMachine.class, FailureCode.SOURCE_STILL_RUNNING);
        story.stockholm().comeBack(story.vault());
        JobView ended = story.ended(job.id());
        assertThat(ended.error().map(failure -> failure.code())).contains(FailureCode.SOURCE_STILL_RUNNING);
        assertThat(story.people().item(item.toString()).state()).isEqualTo("Protected");
        assertThat(story.amsterdam().wasAsked(AgentCommand.FenceReplica.class)).isFalse();
    }

    @Test
    void refusesAFailoverWhenTheSourceTookTheOrderAndFellSilent() {
        ItemId item = story.protectedItem();
        story.stockholm().takeWithoutAnswer(AgentCommand.ShutDownMachine.class);
        JobView job = story.people().failOver(item.toString(), LATEST);
        story.stockholm().hasTaken(AgentCommand.ShutDownMachine.class);
        story.stockholm().fallSilent();
        story.clock().move(Duration.ofSeconds(40));
        story.amsterdam().report(ALIVE);
        JobView ended = story.ended(job.id());
        assertThat(ended.error().orElseThrow().code()).isEqualTo(FailureCode.SOURCE_STILL_RUNNING);
        assertThat(ended.error().orElseThrow().message()).contains("kvm-sto").contains("may still run");
        JobView forced = story.people().failOver(item.toString(), new FailoverRequest(Optional.empty(),
                Optional.of(true), Optional.of(true), Optional.of("the site burnt down")));
        assertThat(story.ended(forced.id()).state()).isEqualTo(JobView.State.SUCCEEDED);
    }

    @Test
    void refusesAFailoverWhenAConnectedSourceDoesNotCarryTheOrderOut() {
        ItemId item = story.protectedItem();
        story.stockholm().takeWithoutAnswer(AgentCommand.ShutDownMachine.class);
        JobView job = story.people().failOver(item.toString(), LATEST);
        story.stockholm().hasTaken(AgentCommand.ShutDownMachine.class);
        story.clock().move(Duration.ofSeconds(130));
        story.stockholm().report(ALIVE);
        story.amsterdam().report(ALIVE);
        JobView ended = Awaiting.until(() -> {
            story.stockholm().report(ALIVE);
            return story.people().job(job.id());
        }, view -> view.state().isEnded());
        assertThat(ended.error().orElseThrow().code()).isEqualTo(FailureCode.SOURCE_STILL_RUNNING);
        assertThat(story.amsterdam().wasAsked(AgentCommand.FenceReplica.class)).isFalse();
    }

    @Test
    void saysWhatTheShutDownStepWaitsForAndGoesOnWithoutASiteThatIsGone() {
        ItemId item = story.protectedItem();
        story.stockholm().fallSilent();
        JobView job = story.people().failOver(item.toString(), LATEST);
        Awaiting.until(() -> step(job, SHUT_DOWN).note(),
                note -> note.filter(text -> text.contains("kvm-sto")).isPresent());
        story.clock().move(Duration.ofSeconds(20));
        story.amsterdam().report(ALIVE);
        story.ended(job.id());
        assertThat(step(job, SHUT_DOWN).state()).isEqualTo(JobView.State.SKIPPED);
        story.state(item, "CommitPending");
    }

    @Test
    void hasPatienceWithACommandThatIsTriedAgain() {
        ItemId item = story.protectedItem();
        story.amsterdam().refuse(AgentCommand.FailOver.class, FailureCode.HYPERVISOR_UNREACHABLE);
        JobView job = story.people().failOver(item.toString(), LATEST);
        Awaiting.until(() -> step(job, START).nextAttempt(), Optional::isPresent);
        story.clock().move(Duration.ofMinutes(11));
        story.amsterdam().report(ALIVE);
        Awaiting.until(() -> step(job, START).attempt(), attempt -> attempt > 1);
        assertThat(story.people().job(job.id()).state()).isEqualTo(JobView.State.IN_PROGRESS);
        story.amsterdam().obey();
        story.clock().move(Duration.ofMinutes(2));
        story.amsterdam().report(ALIVE);
        assertThat(story.ended(job.id()).state()).isEqualTo(JobView.State.SUCCEEDED);
    }

    @Test
    void hasPatienceWithACommandWhileTheVaultWasAway() throws IOException {
        ItemId item = story.protectedItem();
        story.amsterdam().takeWithoutAnswer(AgentCommand.FenceReplica.class);
        JobView job = story.people().failOver(item.toString(), LATEST);
        awaitStep(job, FENCE, JobView.State.IN_PROGRESS);
        story.restart(Duration.ofMinutes(11));
        story.stockholm().comeBack(story.vault());
        story.amsterdam().obey();
        story.amsterdam().comeBack(story.vault());
        assertThat(story.ended(job.id()).state()).isEqualTo(JobView.State.SUCCEEDED);
    }

    @Test
    void hasPatienceWithACommandOfWhichTheAgentTellsThatItCarriesItOut() {
        ItemId item = story.protectedItem();
        story.amsterdam().takeWithoutAnswer(AgentCommand.FailOver.class);
        JobView job = story.people().failOver(item.toString(), LATEST);
        Awaiting.until(() -> story.amsterdam().wasAsked(AgentCommand.FailOver.class), is -> is);
        for (int i = 0; i < 4; i++) {
            story.clock().move(Duration.ofMinutes(9));
            story.amsterdam().report(new Heartbeat("0.1.0", List.of(new AgentReport.RunningCommand(
                    story.amsterdam().lastCommand(), Instant.EPOCH, Optional.empty())), List.of(), Optional.empty()));
        }
        assertThat(story.people().job(job.id()).state()).isEqualTo(JobView.State.IN_PROGRESS);
        story.amsterdam().fallSilent();
        story.clock().move(Duration.ofMinutes(10));
        JobView ended = story.ended(job.id());
        assertThat(ended.error().map(failure -> failure.code())).contains(FailureCode.AGENT_UNREACHABLE);
    }

    /** The agent lives and lists the command for ever: a call of libvirt that never comes back. */
    @Test
    void givesACommandUpThatItsHypervisorDoesNotAnswerAndSaysWhatItWasAsked() {
        ItemId item = story.protectedItem();
        story.amsterdam().takeWithoutAnswer(AgentCommand.FailOver.class);
        JobView job = story.people().failOver(item.toString(), LATEST);
        Awaiting.until(() -> story.amsterdam().wasAsked(AgentCommand.FailOver.class), is -> is);
        hangs(4);
        Awaiting.until(() -> story.people().job(job.id()).toString(), job2 -> job2.contains(
                "host kvm-ams asks the hypervisor to define the VM"));
        assertThat(story.people().job(job.id()).state()).isEqualTo(JobView.State.IN_PROGRESS);
        for (int minutes = 5; minutes < 16; minutes++) {
            hangs(minutes);
        }
        Failure why = story.ended(job.id()).error().orElseThrow();
        assertThat(why.code()).isEqualTo(FailureCode.HYPERVISOR_UNREACHABLE);
        assertThat(why.message()).contains("kvm-ams", "to define the VM", "15 min");
        assertThat(why.recommendedAction()).contains("systemctl restart libvirtd");
    }

    private void hangs(int minutes) {
        story.clock().move(Duration.ofMinutes(1));
        story.amsterdam().report(new Heartbeat("0.1.0", List.of(new AgentReport.RunningCommand(
                story.amsterdam().lastCommand(), Instant.EPOCH, Optional.of("asks the hypervisor to define the VM"),
                Optional.of(Duration.ofMinutes(minutes)))), List.of(), Optional.empty()));
    }

    @Test
    void forgetsNoHostOfWhichItDoesNotKnowYet() throws IOException {
        ItemId item = story.protectedItem();
        story.stockholm().fallSilent();
        story.restart();
        story.amsterdam().comeBack(story.vault());
        JobView job = story.people().disable(item.toString(), new DisableRequest(Optional.of(true), Optional.of(true)));
        awaitStep(job, DISABLE_AT_SOURCE, JobView.State.IN_PROGRESS);
        story.stockholm().comeBack(story.vault());
        assertThat(story.ended(job.id()).steps().get(1).state()).isEqualTo(JobView.State.SUCCEEDED);
        assertThat(story.stockholm().wasAsked(AgentCommand.StopReplication.class)).isTrue();
    }

    @Test
    void seesAHostFallSilentWhenTheClockWasSetBack() {
        story.clock().move(Duration.ofHours(1));
        story.stockholm().report(ALIVE);
        story.stockholm().fallSilent();
        story.clock().move(Duration.ofHours(-1));
        assertThat(story.people().host("kvm-sto").connected()).isTrue();
        story.clock().move(Duration.ofMinutes(30));
        Awaiting.until(() -> story.people().host("kvm-sto").connected(), connected -> !connected);
    }
}
