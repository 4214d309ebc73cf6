package org.understudy.agent.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.command.AgentCommand.CheckMachine;
import org.understudy.command.AgentCommand.FailOver;
import org.understudy.command.AgentCommand.StartTestFailover;
import org.understudy.command.CommandOutcome.MachineChecked;
import org.understudy.command.CommandOutcome.MachineStarted;
import org.understudy.command.PointChoice;
import org.understudy.command.TestNetwork;
import org.understudy.hypervisor.FirmwareBundle;
import org.understudy.hypervisor.FirmwareBundle.Kind;
import org.understudy.hypervisor.FirmwareReading;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VmId;
import org.understudy.replication.MachineState;

/** What firmware and TPM of a VM find when it is started from a point. */
class FirmwareAtStartTest {
    private static final FirmwareBundle OLDER = bundle(1);
    private static final FirmwareBundle NEWER = bundle(2);
    private static final FirmwareBundle OF_THE_GUEST = bundle(3);

    @TempDir
    private Path folder;
    private TargetWorld world;
    private VmId test;

    @BeforeEach
    void begin() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/qemu-img")), "branches are made by qemu-img");
        world = new TargetWorld(folder);
        test = ReplicaMachines.testId(world.relationship());
    }

    @AfterEach
    void end() throws IOException {
        world.close();
    }

    @Test
    void eachPointHasItsOwn() throws IOException {
        twoPoints();
        startTest(new PointChoice.Custom(new LogPosition(1, 1)));
        assertThat(found(test)).isEqualTo(OLDER);
        world.machines.cleanUpTest(world.relationship());
        startTest(new PointChoice.Latest());
        assertThat(found(test)).as("of an earlier test nothing is left").isEqualTo(NEWER);
        world.machines.cleanUpTest(world.relationship());

        failOver();
        assertThat(found(world.vm)).isEqualTo(NEWER);
    }

    @Test
    void aTestLeavesNothingAndTouchesNothingOfTheMachineItself() throws IOException {
        twoPoints();
        world.firmware.keep(world.vm, OF_THE_GUEST);
        startTest(new PointChoice.Latest());
        assertThat(found(world.vm)).isEqualTo(OF_THE_GUEST);

        world.machines.cleanUpTest(world.relationship());
        assertThatThrownBy(() -> found(test)).isInstanceOf(FailureException.class);
        assertThat(found(world.vm)).isEqualTo(OF_THE_GUEST);
    }

    /** Somebody shut the VM down, and the command is carried out again. */
    @Test
    void whatTheGuestWroteSinceIsNeverLaidDownOver() throws IOException {
        twoPoints();
        failOver();
        world.firmware.keep(world.vm, OF_THE_GUEST);
        world.powers.put(world.vm, PowerState.SHUT_OFF);
        world.reopen();

        failOver();

        assertThat(world.powers.get(world.vm)).isEqualTo(PowerState.RUNNING);
        assertThat(found(world.vm)).isEqualTo(OF_THE_GUEST);
    }

    @Test
    void anAttemptThatLibvirtRefusedIsMadeAgain() throws IOException {
        twoPoints();
        world.refusesToDefine = true;
        assertThatThrownBy(this::failOver).isInstanceOf(FailureException.class);
        world.refusesToDefine = false;

        assertThat(failOver().differences()).noneMatch(text -> text.contains("set aside"));
        assertThat(found(world.vm)).isEqualTo(NEWER);
    }

    @Test
    void aFailoverThatIsTakenBackLeavesNothingOfIt() throws IOException {
        twoPoints();
        world.refusesToDefine = true;
        assertThatThrownBy(this::failOver).isInstanceOf(FailureException.class);
        assertThat(found(world.vm)).isEqualTo(NEWER);

        world.machines.release(world.relationship());

        assertThat(found(world.vm)).isEqualTo(FirmwareBundle.NONE);
    }

    @Test
    void whatAnEarlierLifeOfTheMachineKeptHereIsSetAsideAndSaid() throws IOException {
        twoPoints();
        world.firmware.keep(world.vm, OF_THE_GUEST);

        assertThat(failOver().differences()).filteredOn(text -> text.contains("set aside")).hasSize(2);
        assertThat(found(world.vm)).isEqualTo(NEWER);
    }

    @Test
    void whatTheReplicaKeepsOfTheOldDisksIsReplaced() throws Exception {
        Path image = folder.resolve("old.qcow2");
        new ProcessBuilder("qemu-img", "create", "-q", "-f", "qcow2", image.toString(), "1M").start().waitFor();
        world.close();
        world = new TargetWorld(folder.resolve("home"), Optional.of(image), OF_THE_GUEST);
        twoPoints();
        world.firmware.keep(world.vm, OF_THE_GUEST);

        assertThat(failOver().differences()).noneMatch(text -> text.contains("set aside"));
        assertThat(found(world.vm)).isEqualTo(NEWER);
    }

    @Test
    void aPointOfWhichNoneWasToldSaysSoBeforehandAndInTheOutcome() throws IOException {
        world.cycle(definition());

        MachineChecked checked = (MachineChecked) world.machines.check(new CheckMachine(world.relationship(), world.vm,
                "web01", new PointChoice.Latest(), List.of(), Optional.empty(), List.of()));
        assertThat(checked.portability().warnings()).anyMatch(text -> text.contains("no UEFI variables of this point"))
                .anyMatch(text -> text.contains("no TPM state of this point"));
        assertThat(failOver().differences()).containsAll(checked.portability().warnings());
        assertThat(world.defined.get(world.vm).xml()).doesNotContain("nvram");
    }

    /** A source can make a digest of anything. */
    @Test
    void aFailoverGoesOnWithoutWhatCannotBeRead() throws IOException {
        world.replica().rememberState(new LogPosition(1, 1), new MachineState(
                new byte[] {1, 2, 3}));
        world.cycle(definition());

        assertThat(failOver().differences()).anyMatch(text -> text.contains("no UEFI variables of this point"));
        assertThat(world.powers.get(world.vm)).isEqualTo(PowerState.RUNNING);
    }

    /** What can be found out beforehand alone may stop a failover; what lies on a bad block cannot. */
    @Test
    void aFailoverGoesOnWithoutAFileThatIsLostOrDamaged() throws IOException {
        world.keeps(OLDER);
        world.cycle(definition());
        Path file = world.replica().machineState().orElseThrow();
        Files.delete(file);
        assertThat(TargetPlanner.firmware(world.replica(), new LogPosition(1, 1)).isNone()).isTrue();
        Files.createDirectory(file);

        assertThat(failOver().differences()).anyMatch(text -> text.contains("no UEFI variables of this point"));
        assertThat(world.powers.get(world.vm)).isEqualTo(PowerState.RUNNING);
    }

    private void twoPoints() throws IOException {
        world.keeps(OLDER);
        world.cycle(definition());
        world.keeps(NEWER);
        world.cycle(definition());
    }

    private String definition() {
        return world.definition("<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>")
                .replace("<os>", "<os firmware='efi'>");
    }

    private MachineStarted failOver() throws IOException {
        return (MachineStarted) world.machines.failOver(
                new FailOver(world.relationship(), new PointChoice.Latest(), List.of()));
    }

    private void startTest(PointChoice point) throws IOException {
        world.machines.startTest(new StartTestFailover(
                world.relationship(), point, "web01 - Test", new TestNetwork.None()));
    }

    private FirmwareBundle found(VmId vm) {
        return ((FirmwareReading.Held) world.firmware.read(vm, Optional.empty())).bundle();
    }

    private static FirmwareBundle bundle(int content) {
        return FirmwareBundle.of(Map.of(
                Kind.UEFI_VARIABLES, new byte[] {(byte) content}, Kind.TPM_2, new byte[] {(byte) content, 0}));
    }
}
