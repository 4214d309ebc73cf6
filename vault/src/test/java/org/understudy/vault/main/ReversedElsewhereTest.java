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
import org.understudy.api.DryRunView;
import org.understudy.api.FailoverRequest;
import org.understudy.api.ItemView;
import org.understudy.api.JobView;
import org.understudy.api.Operation;
import org.understudy.api.ReverseRequest;
import org.understudy.command.AgentCommand;
import org.understudy.command.AgentReport;
import org.understudy.command.MachineRole;
import org.understudy.command.ToldRole;
import org.understudy.model.ByteCount;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.LogPosition;
import org.understudy.model.NetworkAdapter;
import org.understudy.model.RelationshipId;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VirtualNetwork;

/** A VM that was failed over replicates to another host than it came from, or to one that has it no more. */
@Tag("slow")
@Timeout(180)
class ReversedElsewhereTest extends TellsAStory {
    private static final VirtualNetwork PROD = new VirtualNetwork("prod", true, List.of("default", "web"));
    private static final ReverseRequest TO_UPPSALA = new ReverseRequest(Optional.of("kvm-upp"));
    private static final ReverseRequest BACK = new ReverseRequest(Optional.empty());

    private String item;
    private ScriptedAgent uppsala;

    @BeforeEach
    void failOver() throws IOException {
        item = story.protectedItem().toString();
        uppsala = story.another("stockholm", "gold", "kvm-upp");
        uppsala.has(List.of(), PROD);
        assertThat(story.ended(story.people().failOver(item, FailoverRequest.latest()).id()).state())
                .isEqualTo(JobView.State.SUCCEEDED);
        story.stockholm().has(List.of(Story.web01(PowerState.SHUT_OFF)), PROD);
        VirtualMachine there = Story.web01(PowerState.RUNNING);
        story.amsterdam().has(List.of(new VirtualMachine(there.id(), there.name(), there.power(), there.disks(),
                List.of(new NetworkAdapter(0, "52:54:00:00:00:01", Optional.of("prod-ams"), Optional.of("web"))))),
                new VirtualNetwork("prod-ams", true, List.of("first", "web")));
    }

    private DryRunView rehearse(ReverseRequest request) {
        return story.people().rehearse(item, Operation.REVERSE_REPLICATE, request);
    }

    private JobView reverse(ReverseRequest request) {
        return story.ended(story.people().operate(item, Operation.REVERSE_REPLICATE, request).id());
    }

    private static <T extends AgentCommand> T last(ScriptedAgent agent, Class<T> kind) {
        return agent.asked().stream().filter(kind::isInstance).map(kind::cast).reduce((_, later) -> later)
                .orElseThrow();
    }

    @Test
    void aDryRunSaysWhetherDisksAreAdoptedOrAllOfThemIsSent() {
        assertThat(rehearse(BACK).actions()).first().asString()
                .contains("make the disks of virtual machine web01 on host kvm-sto, where they lie");
        DryRunView elsewhere = rehearse(TO_UPPSALA);
        assertThat(elsewhere.possible()).isTrue();
        assertThat(elsewhere.actions()).containsExactly("make a new replica of virtual machine web01 on host kvm-upp, "
                + "where the virtual machine is not defined",
                "replicate virtual machine web01 from host kvm-ams to host kvm-upp: all that its disks hold is sent, "
                        + "of 1.0 GiB");
        assertThat(uppsala.asked()).isEmpty();
    }

    @Test
    void anotherHostOfTheCloudGetsANewReplicaAndTheOldOneIsToldThatItIsOutOfIt() {
        assertThat(reverse(TO_UPPSALA).state()).isEqualTo(JobView.State.SUCCEEDED);
        ItemView reversed = story.people().item(item);
        assertThat(reversed.state()).isEqualTo("Reversing");
        assertThat(reversed.generation()).isEqualTo(2);
        assertThat(reversed.route().sourceHost().name()).isEqualTo("kvm-ams");
        assertThat(reversed.route().targetHost().name()).isEqualTo("kvm-upp");
        AgentCommand.PrepareReplica made = last(uppsala, AgentCommand.PrepareReplica.class);
        assertThat(made.adopt()).isEmpty();
        assertThat(made.relationship()).isEqualTo(new RelationshipId(reversed.id(), 2));
        assertThat(uppsala.looks()).as("it is asked first whether it could start the VM").isNotEmpty();
        AgentCommand.StartReplication started = last(story.amsterdam(), AgentCommand.StartReplication.class);
        assertThat(started.target().host()).isEqualTo(uppsala.host());
        assertThat(started.base()).contains(AgentCommand.ReplicaHolds.UNKNOWN);
        assertThat(last(story.stockholm(), AgentCommand.StopReplication.class).relationship())
                .isEqualTo(RelationshipId.first(reversed.id()));

        List<ToldRole> told = story.stockholm().tells(new AgentReport.Roles(List.of())).roles();
        assertThat(told).singleElement().satisfies(role -> {
            assertThat(role.role()).isEqualTo(MachineRole.LEFT_BEHIND);
            assertThat(role.elsewhere()).isEqualTo("kvm-ams");
        });
        assertThat(uppsala.tells(new AgentReport.Roles(List.of())).roles()).isEmpty();
        Refusals.assertRefused(FailureCode.STATE_FORBIDS, "is being reversed to host kvm-upp already",
                () -> reverse(new ReverseRequest(Optional.of("kvm-sto"))));
        assertThat(reverse(BACK).state()).as("again").isEqualTo(JobView.State.SUCCEEDED);
    }

    @Test
    void anOldHostThatIsGoneDoesNotHoldItUp() {
        story.stockholm().fallSilent();
        story.clock().move(Duration.ofMinutes(1));
        story.amsterdam().report(new AgentReport.Heartbeat("0.1.0"));
        uppsala.report(new AgentReport.Heartbeat("0.1.0"));
        Refusals.assertRefused(FailureCode.AGENT_UNREACHABLE, "kvm-sto", () -> reverse(BACK));
        JobView done = reverse(TO_UPPSALA);
        assertThat(done.state()).isEqualTo(JobView.State.SUCCEEDED);
        assertThat(done.steps().getLast().note().orElseThrow()).contains("kvm-sto", "cannot be reached");
    }

    @Test
    void aHostThatHasNothingOfTheVmAnyMoreGetsANewReplica() {
        story.stockholm().has(List.of(), PROD);
        assertThat(rehearse(BACK).actions()).first().asString().contains("make a new replica", "on host kvm-sto");
        assertThat(reverse(BACK).state()).isEqualTo(JobView.State.SUCCEEDED);
        assertThat(last(story.stockholm(), AgentCommand.PrepareReplica.class).adopt()).isEmpty();
        assertThat(story.stockholm().wasAsked(AgentCommand.StopReplication.class))
                .as("it ends the earlier direction by itself").isFalse();
    }

    /** What the source of before met is of an earlier life; what the one of the next direction meets is not. */
    @Test
    void whatKeepsTheNextDirectionFromGettingOnIsTold() {
        assertThat(reverse(BACK).state()).isEqualTo(JobView.State.SUCCEEDED);
        RelationshipId next = new RelationshipId(story.people().item(item).id(), 2);
        LogPosition at = new LogPosition(2, 1);
        Failure met = new Failure(FailureCode.HYPERVISOR_REFUSED, "Libvirt refused it.", "Restart libvirt.",
                story.clock().instant());
        story.amsterdam().report(new AgentReport.SourceProgress(next, at, at, ByteCount.ZERO, ByteCount.ZERO,
                ByteCount.ZERO, ByteCount.ZERO, ByteCount.ZERO, Optional.of(story.clock().instant()),
                Optional.of(met), 3, Optional.empty()));
        ItemView told = story.people().item(item);
        assertThat(told.trouble()).contains(met);
        assertThat(told.rpoSeconds()).isPresent();
        assertThat(told.health().reasons()).anyMatch(reason -> reason.contains("Libvirt refused it."));
    }

    @Test
    void nothingIsBegunWhereTheVmCouldNotGoOn() {
        Refusals.assertRefused(FailureCode.NO_SUITABLE_HOST, "host kvm-ams is not in the cloud",
                () -> reverse(new ReverseRequest(Optional.of("kvm-ams"))));
        Refusals.assertRefused(FailureCode.NOT_FOUND, "kvm-nowhere",
                () -> reverse(new ReverseRequest(Optional.of("kvm-nowhere"))));
        uppsala.has(List.of());
        Refusals.assertRefused(FailureCode.NO_SUITABLE_HOST, "host kvm-upp lacks network prod",
                () -> reverse(TO_UPPSALA));
        uppsala.has(List.of(), PROD);
        uppsala.cannotRun("No CPU of the host is like that.");
        assertThat(reverse(TO_UPPSALA).error().orElseThrow().code()).isEqualTo(FailureCode.TARGET_CANNOT_RUN_VM);
        assertThat(uppsala.wasAsked(AgentCommand.PrepareReplica.class)).isFalse();
        assertThat(story.people().item(item).state()).isEqualTo("CommitPending");
    }
}
