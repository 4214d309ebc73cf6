package org.understudy.agent.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.agent.source.CycleCapture;
import org.understudy.agent.source.RelationshipStore;
import org.understudy.agent.source.ReplicationFactory;
import org.understudy.agent.source.SourceReplications;
import org.understudy.command.AgentCommand;
import org.understudy.command.AgentCommand.PrepareReplica;
import org.understudy.command.AgentReport.TargetProgress;
import org.understudy.command.CommandOutcome;
import org.understudy.command.PointChoice;
import org.understudy.command.RetentionSettings;
import org.understudy.hypervisor.FirmwareBundle;
import org.understudy.hypervisor.FirmwareInMemory;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.RecoveryPoint;
import org.understudy.model.RelationshipId;
import org.understudy.model.VirtualDisk;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VmId;
import org.understudy.replication.SystemPace;

/** An old source whose VM was failed over becomes the target, or says why not and changes nothing. */
class OldSourceTest {
    private static final DiskName VDA = new DiskName("vda");
    private static final ByteCount SIZE = ByteCount.ofMebibytes(1);

    @TempDir
    private Path folder;
    private final ItemId item = ItemId.random();
    private final VmId vm = VmId.random();
    private final RelationshipId second = new RelationshipId(item, 2);
    private final List<String> marks = new ArrayList<>();
    private final FirmwareInMemory firmware = new FirmwareInMemory();
    private Optional<VirtualMachine> machine = Optional.empty();
    private Path image;
    private TargetWorld world;
    private CycleCapture capture;
    private SourceReplications sources;
    private MachineReadiness readiness;
    private Replicas replicas;
    private OldSource old;

    @BeforeEach
    void makeHost() throws IOException {
        image = image("web01.qcow2");
        world = new TargetWorld(folder.resolve("world"));
        Hypervisor hypervisor = (Hypervisor) Proxy.newProxyInstance(getClass().getClassLoader(),
                new Class<?>[] {Hypervisor.class}, (_, method, _) -> switch (method.getName()) {
                    case "machine" -> machine;
                    case "definition" -> new MachineDefinition("<domain><name>web01</name></domain>");
                    case "firmware" -> firmware;
                    case "diskJobs" -> {
                        marks.add("marked");
                        yield world.jobs;
                    }
                    default -> throw new AssertionError("asked for " + method.getName());
                });
        RelationshipStore store = new RelationshipStore(Files.createDirectories(folder.resolve("agent")));
        capture = new CycleCapture();
        sources = new SourceReplications(hypervisor, store, new ReplicationFactory(hypervisor, store, capture,
                _ -> {
                    throw new AssertionError("nothing is shipped");
                }, new SystemPace(Clock.systemUTC()), HostId.random()));
        readiness = new MachineReadiness(
                new TargetPlanner(hypervisor, new BootFolder(folder.resolve("boot"))), Clock.systemUTC());
        replicas = new Replicas(world.catalog(), readiness, Clock.systemUTC());
        old = new OldSource(sources, replicas, world.catalog(), world.machines, hypervisor);
        machine = Optional.of(web01(PowerState.SHUT_OFF, image, SIZE));
        firmware.add(vm);
    }

    @AfterEach
    void end() throws IOException {
        replicas.close();
        readiness.close();
        sources.close();
        capture.close();
        world.close();
    }

    private Path image(String name) throws IOException {
        return qemuImg("create", "-q", "-f", "qcow2", folder.resolve(name).toString(), SIZE.bytes() + "");
    }

    private Path qemuImg(String... words) throws IOException {
        List<String> line = new ArrayList<>(List.of("qemu-img"));
        line.addAll(List.of(words));
        Process process = new ProcessBuilder(line).inheritIO().start();
        try {
            assertThat(process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0).as(line.toString()).isTrue();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        return Path.of(words[words.length - 2]);
    }

    private VirtualMachine web01(PowerState power, Path file, ByteCount size) {
        return new VirtualMachine(vm, "web01", power,
                List.of(new VirtualDisk(VDA, file.toString(), "qcow2", size, Optional.empty())), List.of());
    }

    private PrepareReplica asked() {
        return new PrepareReplica(second, vm, "web01", HostId.random(),
                List.of(new AgentCommand.ReplicaDisk(VDA, SIZE)), new RetentionSettings(24, Duration.ofDays(1)),
                Optional.empty(), Optional.of(new AgentCommand.Adopt(new LogPosition(1, 7))));
    }

    private void refuses(FailureCode code, String says) throws IOException {
        byte[] before = Files.readAllBytes(image);
        assertThatExceptionOfType(FailureException.class).isThrownBy(() -> old.prepare(asked())).satisfies(e -> {
            assertThat(e.failure().code()).isEqualTo(code);
            assertThat(e.failure().message()).contains(says);
            assertThat(e.failure().recommendedAction()).isNotBlank();
        });
        assertThat(replicas.has(second)).isFalse();
        assertThat(Files.readAllBytes(image)).as("the old disk").isEqualTo(before);
    }

    @Test
    void keepsWhatItsDisksHoldAsAPointWhereNobodyKnowsThatItIsTheSame() throws IOException {
        assertThat(old.prepare(asked())).isEqualTo(new CommandOutcome.Done());
        TargetProgress told = told();
        assertThat(told.held().kept()).extracting(RecoveryPoint::position).containsExactly(LogPosition.startOf(2));
        assertThat(marks).hasSize(1);
        assertThat(old.prepare(asked())).as("asked again").isEqualTo(new CommandOutcome.Done());
        assertThat(told()).isEqualTo(told);
        assertThat(marks).hasSize(1);
    }

    @Test
    void keepsWhatTheFirmwareOfTheOldMachineHasAsThatOfThePoint() throws IOException {
        firmware.write(vm, FirmwareBundle.Kind.TPM_2, new byte[] {1, 2, 3});
        old.prepare(asked());
        firmware.write(vm, FirmwareBundle.Kind.TPM_2, new byte[] {4});
        old.prepare(asked());
        Path kept = world.catalog().find(second).orElseThrow().machineState(LogPosition.startOf(2)).orElseThrow();
        assertThat(FirmwareBundle.decode(Files.readAllBytes(kept)).part(FirmwareBundle.Kind.TPM_2))
                .contains(new byte[] {1, 2, 3});
    }

    @Test
    void adoptsDisksWhoseFirmwareCannotBeReadForItStaysWhereItLies() throws IOException {
        firmware.notNow(Optional.of("it is written to"));
        assertThat(old.prepare(asked())).isEqualTo(new CommandOutcome.Done());
        assertThat(world.catalog().find(second).orElseThrow().machineState(LogPosition.startOf(2))).isEmpty();
    }

    /** A disaster before the new source has told anything: the point is started as the VM was defined here. */
    @Test
    void knowsHowTheVmWasDefinedThatLeftItsDisks() throws IOException {
        old.prepare(asked());
        assertThat(world.catalog().find(second).orElseThrow().definition(LogPosition.startOf(2)).orElseThrow())
                .contains("<name>web01</name>");
    }

    @Test
    void adoptsWhatAVmLeftThatWasFailedOverHereAndAwayAgainBeforeAnybodyCommitted() throws IOException {
        world.cycle(world.definition(""));
        world.machines.failOver(new AgentCommand.FailOver(
                world.relationship(), new PointChoice.Latest(), List.of()));
        Path overlay = world.defined.get(world.vm).disks().get(VDA);
        world.powers.put(world.vm, PowerState.SHUT_OFF);
        firmware.add(world.vm);
        VirtualMachine left = web01(PowerState.SHUT_OFF, overlay, SIZE);
        machine = Optional.of(new VirtualMachine(world.vm, left.name(), left.power(), left.disks(), List.of()));
        RelationshipId later = new RelationshipId(world.item, 3);
        old.prepare(new PrepareReplica(later, world.vm, "web01", HostId.random(), asked().disks(),
                asked().retention(), Optional.empty(), Optional.of(new AgentCommand.Adopt(new LogPosition(2, 7)))));
        assertThat(replicas.has(world.relationship())).isFalse();
        assertThat(replicas.has(later)).isTrue();
        assertThat(overlay).as("what the VM wrote here").isRegularFile();
    }

    @Test
    void letsThatPointGoByItsNameAloneAndSaysWhenItIsGone() throws IOException {
        old.prepare(asked());
        CommandOutcome other = replicas.letGo(new AgentCommand.LetPointGo(second, new LogPosition(2, 1)));
        assertThat(other).isEqualTo(new CommandOutcome.Done(Optional.of("point 2-1 was not kept")));
        assertThat(told().held().kept()).hasSize(1);
        AgentCommand.LetPointGo named = new AgentCommand.LetPointGo(second, LogPosition.startOf(2));
        assertThat(replicas.letGo(named)).isEqualTo(new CommandOutcome.Done());
        assertThat(told().held().kept()).isEmpty();
        assertThat(replicas.letGo(named)).isInstanceOf(CommandOutcome.Done.class);
        assertThatExceptionOfType(FailureException.class).isThrownBy(() -> replicas.letGo(
                new AgentCommand.LetPointGo(second.next(), LogPosition.startOf(3))))
                .satisfies(e -> assertThat(e.failure().code()).isEqualTo(FailureCode.NOT_FOUND));
    }

    private TargetProgress told() {
        return replicas.reports(trouble -> {
            throw new AssertionError(trouble.message());
        }).stream().filter(it -> it.relationship().equals(second)).findFirst().orElseThrow();
    }

    @Test
    void refusesAsLongAsItsVmRunsOrMay() throws IOException {
        for (PowerState power : List.of(PowerState.RUNNING, PowerState.PAUSED, PowerState.CRASHED)) {
            machine = Optional.of(web01(power, image, SIZE));
            refuses(FailureCode.SOURCE_STILL_RUNNING, "VM web01 is not shut off on this host");
        }
    }

    @Test
    void refusesWhereTheVmIsNotDefinedAnyMore() throws IOException {
        machine = Optional.empty();
        refuses(FailureCode.VM_NOT_FOUND_AT_SOURCE, "VM web01 is not defined on this host any more");
    }

    @Test
    void refusesADiskThatIsGoneOrHasAnotherSize() throws IOException {
        machine = Optional.of(web01(PowerState.SHUT_OFF, image, ByteCount.ofMebibytes(2)));
        refuses(FailureCode.DISK_CHANGED, "has no disk vda of 1.0 MiB on this host any more");
        machine = Optional.of(new VirtualMachine(vm, "web01", PowerState.SHUT_OFF, List.of(), List.of()));
        refuses(FailureCode.DISK_CHANGED, "has no disk vda of 1.0 MiB");
    }

    @Test
    void refusesAnImageThatRestsOnAnotherOne() throws IOException {
        Path clone = folder.resolve("clone.qcow2");
        qemuImg("create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", image.toString(), clone.toString(),
                SIZE.bytes() + "");
        machine = Optional.of(web01(PowerState.SHUT_OFF, clone, SIZE));
        refuses(FailureCode.STATE_FORBIDS, image.getFileName().toString());
    }

    @Test
    void refusesAnImageThatIsGone() throws IOException {
        machine = Optional.of(web01(PowerState.SHUT_OFF, folder.resolve("gone.qcow2"), SIZE));
        assertThatExceptionOfType(Exception.class).isThrownBy(() -> old.prepare(asked()))
                .withMessageContaining("gone.qcow2");
        assertThat(replicas.has(second)).isFalse();
    }

    @Test
    void makesANewReplicaInALaterDirectionOnlyWhereTheVmIsGone() throws IOException {
        PrepareReplica anew = new PrepareReplica(second, vm, "web01", HostId.random(), asked().disks(),
                asked().retention(), Optional.empty());
        assertThatExceptionOfType(FailureException.class).isThrownBy(() -> old.prepare(anew)).satisfies(e -> {
            assertThat(e.failure().code()).isEqualTo(FailureCode.STATE_FORBIDS);
            assertThat(e.failure().message()).contains("VM web01 is defined on this host");
        });
        assertThat(replicas.has(second)).isFalse();
        machine = Optional.empty();
        assertThat(old.prepare(anew)).isEqualTo(new CommandOutcome.Done());
        assertThat(replicas.has(second)).isTrue();
        assertThat(told().held().kept()).as("nothing was here before").isEmpty();
        machine = Optional.of(web01(PowerState.RUNNING, image, SIZE));
        assertThat(old.prepare(anew)).as("asked again").isEqualTo(new CommandOutcome.Done());
    }

    @Test
    void makesAnEmptyReplicaWhereNothingIsToBeAdopted() throws IOException {
        machine = Optional.empty();
        PrepareReplica first = new PrepareReplica(RelationshipId.first(item), vm, "web01", HostId.random(),
                asked().disks(), asked().retention(), Optional.empty());
        assertThat(old.prepare(first)).isEqualTo(new CommandOutcome.Done());
        assertThat(replicas.has(first.relationship())).isTrue();
    }
}
