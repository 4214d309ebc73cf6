package org.understudy.agent.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.command.AgentCommand;
import org.understudy.command.AgentCommand.AdapterAttachment;
import org.understudy.command.AgentCommand.CheckMachine;
import org.understudy.command.AgentCommand.FailOver;
import org.understudy.command.AgentCommand.StartTestFailover;
import org.understudy.command.CommandOutcome;
import org.understudy.command.CommandOutcome.MachineStarted;
import org.understudy.command.HeldRole.Deed;
import org.understudy.command.MachineRole;
import org.understudy.command.PointChoice;
import org.understudy.command.TestNetwork;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.model.ByteCount;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VmId;

/** Tests and failovers of a replica whose VM changed since protection began. */
class ReplicaMachinesTest {
    private static final String FIRST = "52:54:00:00:00:01";
    private static final String SECOND = "52:54:00:00:00:02";

    @TempDir
    private Path folder;
    private TargetWorld world;

    @BeforeEach
    void begin() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/qemu-img")), "branches are made by qemu-img");
        world = new TargetWorld(folder);
    }

    @AfterEach
    void end() throws IOException {
        world.close();
    }

    @Test
    void failsOverThoughTheVaultKnowsAnAdapterThatTheDefinitionLacksAndTheOtherWayRound() throws IOException {
        world.cycle(world.definition(adapter(FIRST) + adapter("52:54:00:00:00:09")));

        MachineStarted started = (MachineStarted) world.machines.failOver(new FailOver(world.relationship(),
                new PointChoice.Latest(), List.of(to(0, FIRST), to(1, SECOND))));

        assertThat(world.replica().fenced()).isTrue();
        assertThat(started.differences()).anyMatch(text -> text.contains("52:54:00:00:00:09")
                && text.contains("connected to nothing"));
        assertThat(world.defined.get(world.vm).xml()).contains("network=\"prod\"", FIRST)
                .doesNotContain(SECOND, "network=\"default\"");
    }

    @Test
    void startsAnOlderPointWithTheDefinitionThatTheMachineHadThen() throws IOException {
        world.cycle(world.definition("<watchdog model='ib700'/>"));
        world.cycle(world.definition("<sound model='ich9'/>"));

        world.machines.failOver(new FailOver(world.relationship(),
                new PointChoice.Custom(new LogPosition(1, 1)), List.of()));

        assertThat(world.defined.get(world.vm).xml()).contains("ib700").doesNotContain("ich9");
    }

    @Test
    void fencesNothingForAMachineThatTheHostCannotRun() throws IOException {
        world.cycle(world.definition(""));
        world.refusals.add("Another VM named web01 exists on this host.");

        assertThatThrownBy(() -> world.machines.failOver(
                new FailOver(world.relationship(), new PointChoice.Latest(), List.of())))
                .isInstanceOfSatisfying(FailureException.class, e -> {
                    assertThat(e.failure().code()).isEqualTo(FailureCode.TARGET_CANNOT_RUN_VM);
                    assertThat(e.failure().message()).contains("web01");
                });
        assertThat(world.replica().fenced()).isFalse();
        assertThat(world.replica().branches()).isEmpty();
        assertThatThrownBy(() -> world.machines.startTest(isolated())).isInstanceOf(FailureException.class);
        assertThat(world.told).as("no network, no branch, no VM was made for it").isEmpty();
    }

    @Test
    void saysOfADefinitionThatMakesNoSenseThatItDoesNotAndMakesNothing() throws IOException {
        String senseless = world.definition(
                "<disk type='file' device='disk'><source file='/x'/><target dev='../../etc/x'/></disk>");
        world.cycle(senseless);

        for (ThrowableAssert.ThrowingCallable start : List.<ThrowableAssert.ThrowingCallable>of(
                () -> world.machines.startTest(isolated()),
                () -> world.machines.failOver(new FailOver(
                        world.relationship(), new PointChoice.Latest(), List.of())))) {
            assertThatThrownBy(start).isInstanceOfSatisfying(FailureException.class, e -> {
                assertThat(e.failure().code()).isEqualTo(FailureCode.TARGET_CANNOT_RUN_VM);
                assertThat(e.failure().message()).contains("web01", "makes no sense", "../../etc/x");
            });
        }
        for (Optional<String> definition : List.of(
                Optional.<String>empty(), Optional.of(senseless), Optional.of("<!DOCTYPE x><domain/>"))) {
            CommandOutcome outcome = world.machines.check(new CheckMachine(world.relationship(), world.vm, "web01",
                    new PointChoice.Latest(), List.of(), definition));
            assertThat(((CommandOutcome.MachineChecked) outcome).portability().obstacles())
                    .anyMatch(text -> text.contains("makes no sense"));
        }
        assertThat(world.replica().fenced()).isFalse();
        assertThat(world.told).isEmpty();
    }

    @Test
    void asksForAMachineWithoutMakingAnything() throws IOException {
        world.cycle(world.definition("<filesystem type='mount'><source dir='/srv'/><target dir='x'/></filesystem>"));

        CommandOutcome outcome = world.machines.check(new CheckMachine(world.relationship(), world.vm, "web01",
                new PointChoice.Latest(), List.of(), Optional.empty()));

        assertThat(((CommandOutcome.MachineChecked) outcome).portability().warnings())
                .anyMatch(text -> text.contains("/srv"));
        assertThat(world.told).isEmpty();
        assertThat(world.replica().branches()).isEmpty();
    }

    @Test
    void keepsAMachineThatAPersonStartedAndFollowsItsAutostart() throws IOException {
        world.cycle(new MachineDefinition(world.definition("")).withAutostart(true).xml());
        FailOver failover = new FailOver(world.relationship(), new PointChoice.Latest(), List.of());
        world.machines.failOver(failover);
        assertThat(world.told).containsExactly("destroy", "define", "autostart true", "start");

        world.told.clear();
        world.refusals.add("it is there already, a person mended it");
        world.machines.failOver(failover);
        assertThat(world.told).doesNotContain("define", "destroy");

        world.refusals.clear();
        world.told.clear();
        world.powers.put(world.vm, PowerState.CRASHED);
        world.machines.failOver(failover);
        assertThat(world.told).containsSubsequence("destroy", "define", "start");
    }

    @Test
    void tellsOfATestWhatDiffersInIt() throws IOException {
        world.cycle(world.definition(adapter(FIRST)));

        MachineStarted started = (MachineStarted) world.machines.startTest(isolated());

        assertThat(started.differences()).anyMatch(text -> text.contains("UUID"));
        assertThat(world.told).containsExactly(
                "createIsolatedNetwork", "destroy", "define", "autostart false", "start");
        assertThat(world.replica().fenced()).isFalse();
    }

    @Test
    void takesSegmentsAgainWhenAFailoverStoppedBeforeItDefinedItsVm() throws IOException {
        world.cycle(world.definition(""));
        world.machines.fence(world.relationship());
        world.machines.release(world.relationship());
        assertThat(world.replica().fenced()).isFalse();
        world.cycle(world.definition(""));
        assertThat(world.replica().points().latest().position()).isEqualTo(new LogPosition(1, 2));
    }

    @Test
    void staysFencedWhenTheFailoverHasDefinedItsVm() throws IOException {
        world.cycle(world.definition(""));
        world.machines.failOver(new FailOver(world.relationship(), new PointChoice.Latest(), List.of()));
        assertThatThrownBy(() -> world.machines.release(world.relationship()))
                .isInstanceOfSatisfying(FailureException.class, e ->
                        assertThat(e.failure().code()).isEqualTo(FailureCode.STATE_FORBIDS));
        assertThat(world.replica().fenced()).isTrue();
        assertThat(world.replica().branches()).isNotEmpty();
    }

    /** A person undefined it, or the host's record of it was lost: what the VM wrote lies in the branch alone. */
    @Test
    void keepsWhatAVmMayHaveWrittenThoughLibvirtDoesNotKnowTheVmAnyMore() throws IOException {
        world.cycle(world.definition(""));
        world.machines.failOver(new FailOver(world.relationship(), new PointChoice.Latest(), List.of()));
        world.powers.remove(world.vm);
        world.defined.remove(world.vm);
        world.reopen();
        assertThatThrownBy(() -> world.machines.release(world.relationship()))
                .isInstanceOfSatisfying(FailureException.class, e -> {
                    assertThat(e.failure().code()).isEqualTo(FailureCode.STATE_FORBIDS);
                    assertThat(e.failure().message()).contains("web01", "may have run", "disks are kept");
                });
        assertThat(world.replica().fenced()).isTrue();
        assertThat(world.replica().branches()).hasSize(1);
    }

    @Test
    void takesSegmentsAgainWhenLibvirtRefusedToDefineTheVm() throws IOException {
        world.cycle(world.definition(""));
        world.refusesToDefine = true;
        assertThatThrownBy(() -> world.machines.failOver(
                new FailOver(world.relationship(), new PointChoice.Latest(), List.of())))
                .isInstanceOf(FailureException.class);
        assertThat(world.replica().fenced()).isTrue();
        world.machines.release(world.relationship());
        assertThat(world.replica().fenced()).isFalse();
    }

    /** Made by a person between the plan and the start. */
    @Test
    void stopsNoMachineOfOthersThatHasTheSameIdentity() throws IOException {
        world.cycle(world.definition(""));
        world.defined.put(world.vm, new MachineDefinition(world.definition("")));
        world.powers.put(world.vm, PowerState.RUNNING);
        world.defined.put(ReplicaMachines.testId(world.relationship()), new MachineDefinition(world.definition("")));
        world.powers.put(ReplicaMachines.testId(world.relationship()), PowerState.RUNNING);
        FailOver failover = new FailOver(world.relationship(), new PointChoice.Latest(), List.of());
        assertThatThrownBy(() -> world.machines.failOver(failover)).isInstanceOfSatisfying(FailureException.class,
                e -> assertThat(e.failure().code()).isEqualTo(FailureCode.ALREADY_EXISTS));
        assertThatThrownBy(() -> world.machines.startTest(isolated())).isInstanceOf(FailureException.class);
        assertThatThrownBy(() -> world.machines.cleanUpTest(world.relationship())).isInstanceOf(FailureException.class);
        assertThat(world.told).doesNotContain("destroy", "define", "start")
                .noneMatch(told -> told.startsWith("undefine"));
    }

    @Test
    void startsTheSameMachineFromAnotherPointAsLongAsNobodyCommitted() throws IOException {
        world.cycle(world.definition("<watchdog model='ib700'/>"));
        world.cycle(world.definition("<sound model='ich9'/>"));
        world.machines.failOver(new FailOver(world.relationship(), new PointChoice.Latest(), List.of()));
        String before = world.defined.get(world.vm).xml();
        var older = new PointChoice.Custom(new LogPosition(1, 1));

        assertThat(world.machines.check(new CheckMachine(world.relationship(), world.vm, "web01", older, List.of(),
                Optional.empty()))).as("looked at beside the VM that runs").isInstanceOf(
                        CommandOutcome.MachineChecked.class);
        world.machines.discard(world.relationship());
        assertThat(world.told).endsWith("destroy", "undefine, firmware STAYS");
        assertThat(world.replica().branches()).isEmpty();
        assertThat(world.replica().fenced()).isTrue();
        assertThat(world.replica().points().newestFirst()).hasSize(2);
        world.machines.discard(world.relationship());
        MachineStarted started = (MachineStarted) world.machines.failOver(
                new FailOver(world.relationship(), older, List.of()));

        assertThat(started.point().position()).isEqualTo(new LogPosition(1, 1));
        String after = world.defined.get(world.vm).xml();
        assertThat(after).contains("ib700", "<uuid>" + world.vm + "</uuid>");
        assertThat(generationId(after)).isNotEqualTo(generationId(before));
        world.machines.commit(world.relationship());
        world.told.clear();
        assertThatThrownBy(() -> world.machines.discard(world.relationship()))
                .isInstanceOfSatisfying(FailureException.class, e ->
                        assertThat(e.failure().code()).isEqualTo(FailureCode.STATE_FORBIDS));
        assertThat(world.told).as("nothing was stopped for it").isEmpty();
    }

    @Test
    void discardsNoMachineThatAFailoverOfThisReplicaDidNotStart() throws IOException {
        world.cycle(world.definition(""));
        MachineDefinition foreign = new MachineDefinition(world.definition(""));
        world.defined.put(world.vm, foreign);
        world.powers.put(world.vm, PowerState.RUNNING);
        assertThatThrownBy(() -> world.machines.discard(world.relationship()))
                .isInstanceOfSatisfying(FailureException.class, e ->
                        assertThat(e.failure().code()).isEqualTo(FailureCode.IN_USE));
        world.machines.fence(world.relationship());
        assertThatThrownBy(() -> world.machines.discard(world.relationship())).isInstanceOf(FailureException.class);
        assertThat(world.told).isEmpty();
    }

    private static String generationId(String xml) {
        return xml.replaceAll("(?s).*<genid>(.*?)</genid>.*", "$1");
    }

    @Test
    void aFailoverGivesItsVmTheRoleThatLetsItStartBeforeThereIsAVm() throws IOException {
        world.cycle(world.definition(""));
        Deed deed = new Deed("anna", "stockholm is gone", Optional.empty());

        world.machines.failOver(new FailOver(world.relationship(), new PointChoice.Latest(), List.of()),
                Optional.of(deed));

        assertThat(world.roles.find(world.vm)).hasValueSatisfying(note -> {
            assertThat(note.held().role()).isEqualTo(MachineRole.RUNNING_REPLICA);
            assertThat(note.held().deed()).hasValueSatisfying(done ->
                    assertThat(done.point().orElseThrow().position()).isEqualTo(new LogPosition(1, 1)));
        });
        assertThat(world.defined.get(world.vm).role()).contains("running-replica");
    }

    @Test
    void aFailoverThatLibvirtRefusesLeavesNoRoleOfARunningVm() throws IOException {
        world.cycle(world.definition(""));
        world.refusesToDefine = true;
        assertThatThrownBy(() -> world.machines.failOver(
                new FailOver(world.relationship(), new PointChoice.Latest(), List.of())))
                .isInstanceOf(FailureException.class);
        assertThat(world.roles.find(world.vm).orElseThrow().role()).isEqualTo(MachineRole.REPLICA);
    }

    private StartTestFailover isolated() {
        return new StartTestFailover(
                world.relationship(), new PointChoice.Latest(), "web01 - Test", new TestNetwork.CreateIsolated());
    }

    private static AdapterAttachment to(int index, String mac) {
        return new AdapterAttachment(index, mac, Optional.of("prod"), Optional.empty());
    }

    private static String adapter(String mac) {
        return "<interface type='network'><mac address='" + mac + "'/><source network='default'/></interface>";
    }

    @Test
    void saysBeforeAReplicaIsMadeThatItsDisksMayOutgrowTheRoom() throws IOException {
        var disk = new AgentCommand.ReplicaDisk(TargetWorld.VDA, ByteCount.ofGibibytes(1L << 19));
        var outcome = (CommandOutcome.MachineChecked) world.machines.check(new CheckMachine(
                RelationshipId.first(ItemId.random()),
                VmId.random(), "db01", new PointChoice.Latest(), List.of(), Optional.of(world.definition("")),
                List.of(disk)));
        assertThat(outcome.portability().warnings()).anySatisfy(warning ->
                assertThat(warning).contains("The disks can grow to", "for replicas"));
    }
}
