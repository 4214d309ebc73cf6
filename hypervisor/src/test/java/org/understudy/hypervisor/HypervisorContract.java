package org.understudy.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.understudy.disk.CaptureDisk;
import org.understudy.hypervisor.MachineRequest.Connection;
import org.understudy.hypervisor.MachineRequest.Connections;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.ItemId;
import org.understudy.model.VirtualDisk;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VmId;

/**
 * What every hypervisor does for us. A subclass provides a host on which an administrator's VM runs, with the disks
 * {@code vda} (256 MiB) and {@code vdb} (128 MiB) and one network adapter, anew for each test.
 */
public abstract class HypervisorContract {
    protected static final DiskName VDA = new DiskName("vda");
    protected static final DiskName VDB = new DiskName("vdb");
    protected static final Set<DiskName> BOTH = Set.of(VDA, VDB);
    private static final long EVENT_SECONDS_MAX = 20;
    private static final ItemId ITEM = ItemId.random();

    protected abstract Hypervisor hypervisor();

    /** The administrator's VM, running. */
    protected abstract VmId machine();

    /** A folder of this test's own on the host. */
    protected abstract Path folder();

    /** Turns the administrator's VM off in good order, as its guest would. */
    protected abstract void turnOff() throws Exception;

    /** A VM that can be defined on the host, of an id and name that do not exist on it, without disks. */
    protected abstract MachineDefinition replica();

    @Test
    void describesAMachineWithItsDisksAndAdapters() throws Exception {
        VirtualMachine machine = hypervisor().machine(machine()).orElseThrow();

        assertThat(machine.power()).isEqualTo(PowerState.RUNNING);
        assertThat(machine.disks()).extracting(VirtualDisk::name).containsExactly(VDA, VDB);
        assertThat(machine.disks()).extracting(VirtualDisk::size)
                .containsExactly(ByteCount.ofMebibytes(256), ByteCount.ofMebibytes(128));
        assertThat(machine.disks()).allMatch(disk -> disk.obstacle().isEmpty());
        assertThat(machine.adapters()).hasSize(1);
        assertThat(hypervisor().machines()).contains(machine);
        assertThat(hypervisor().machine(VmId.random())).isEmpty();
        assertThat(hypervisor().definition(machine()).disks()).containsOnlyKeys(VDA, VDB);
        assertFails(FailureCode.VM_NOT_FOUND_AT_SOURCE, () -> hypervisor().definition(VmId.random()));
    }

    @Test
    void takesOnePointInTimeAfterTheOther() throws Exception {
        try (PointInTime first = begin("understudy-1-1", Optional.empty())) {
            assertThat(knowsChanges(first, VDA)).isFalse();
        }
        for (int i = 2; i <= 4; i++) {
            try (PointInTime next = begin("understudy-1-" + i, Optional.of("understudy-1-" + (i - 1)))) {
                assertThat(knowsChanges(next, VDB)).isTrue();
            }
            assertThat(hypervisor().checkpoints(machine()))
                    .containsExactly("understudy-1-" + (i - 1), "understudy-1-" + i);
            hypervisor().deleteCheckpoint(machine(), "understudy-1-" + (i - 1));
        }
        assertThat(hypervisor().checkpoints(machine())).containsExactly("understudy-1-4");
        assertThat(filesLeft()).noneMatch(name -> name.contains("understudy-"));
    }

    @Test
    void takesAPointInTimeOfSomeDisksAlone() throws Exception {
        PointInTimeRequest vdbAlone = new PointInTimeRequest("understudy-1-1", Optional.empty(),
                "understudy-vm.sock", Map.of(VDB, folder().resolve("vdb.understudy-scratch")));
        try (PointInTime point = hypervisor().beginPointInTime(machine(), vdbAlone)) {
            assertThat(knowsChanges(point, VDB)).isFalse();
            assertThatThrownBy(() -> point.open(VDA)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void asksForAResynchronizationWhenTheCheckpointIsGone() throws Exception {
        assertFails(FailureCode.RESYNCHRONIZATION_REQUIRED,
                () -> begin("understudy-1-2", Optional.of("understudy-1-1")).close());
        assertThat(filesLeft()).noneMatch(name -> name.contains("understudy-scratch"));
    }

    @Test
    void opensOnePointInTimeOfAMachineAtOnce() throws Exception {
        try (PointInTime open = begin("understudy-1-1", Optional.empty())) {
            assertFails(FailureCode.HYPERVISOR_BUSY, () -> begin("understudy-1-2", Optional.empty()).close());
            assertThat(knowsChanges(open, VDA)).isFalse();
        }
        begin("understudy-1-2", Optional.of("understudy-1-1")).close();
    }

    @Test
    void makesNoCheckpointOfAMachineThatIsOff() throws Exception {
        begin("understudy-1-1", Optional.empty()).close();
        turnOff();

        assertThat(hypervisor().machine(machine()).orElseThrow().power()).isEqualTo(PowerState.SHUT_OFF);
        assertFails(FailureCode.VM_NOT_RUNNING, () -> begin("understudy-1-2", Optional.of("understudy-1-1")).close());
        hypervisor().deleteCheckpoint(machine(), "understudy-1-1");
        assertThat(hypervisor().checkpoints(machine())).containsExactly("understudy-1-1");
        hypervisor().destroy(machine());

        hypervisor().start(machine());
        hypervisor().start(machine());
        begin("understudy-1-2", Optional.of("understudy-1-1")).close();
    }

    @Test
    void takesAPointAtRestOfAMachineThatIsOffAndGoesOnFromTheSameCheckpoint() throws Exception {
        begin("understudy-1-1", Optional.empty()).close();
        assertThat(hypervisor().imprint(machine(), BOTH)).as("of a VM that runs").isEmpty();
        assertFails(FailureCode.HYPERVISOR_BUSY, () -> beginAtRest("understudy-1-1").close());
        turnOff();

        Optional<String> imprint = hypervisor().imprint(machine(), BOTH);
        assertThat(imprint).isPresent();
        for (int i = 0; i < 2; i++) {
            try (PointInTime point = beginAtRest("understudy-1-1")) {
                assertThat(knowsChanges(point, VDA)).isTrue();
                assertThat(knowsChanges(point, VDB)).isTrue();
                point.requireIntact();
            }
        }
        assertThat(hypervisor().imprint(machine(), BOTH)).as("reading writes nothing").isEqualTo(imprint);
        assertThat(hypervisor().checkpoints(machine())).containsExactly("understudy-1-1");
        assertFails(FailureCode.RESYNCHRONIZATION_REQUIRED, () -> beginAtRest("understudy-1-2").close());

        hypervisor().start(machine());
        begin("understudy-1-2", Optional.of("understudy-1-1")).close();
    }

    @Test
    void aStartGoesBeforeAPointAtRestAndEndsIt() throws Exception {
        begin("understudy-1-1", Optional.empty()).close();
        turnOff();
        Optional<String> before = hypervisor().imprint(machine(), BOTH);
        try (PointInTime point = beginAtRest("understudy-1-1")) {
            hypervisor().start(machine());
            assertThat(hypervisor().machine(machine()).orElseThrow().power()).isEqualTo(PowerState.RUNNING);
            assertFails(FailureCode.HYPERVISOR_BUSY, point::requireIntact);
            turnOff();
            assertFails(FailureCode.HYPERVISOR_BUSY, point::requireIntact);
        }
        assertThat(hypervisor().imprint(machine(), BOTH)).as("of disks that were open meanwhile").isNotEqualTo(before);
    }

    @Test
    void closesAPointInTimeWhoseMachineStoppedMeanwhile() throws Exception {
        PointInTime point = begin("understudy-1-1", Optional.empty());
        hypervisor().destroy(machine());
        point.close();
        point.close();

        assertThat(filesLeft()).noneMatch(name -> name.contains("understudy-"));
    }

    @Test
    void endsAnAbandonedPointInTime() throws Exception {
        PointInTime abandoned = begin("understudy-1-1", Optional.empty());
        hypervisor().endAbandonedPointInTime(machine());
        hypervisor().endAbandonedPointInTime(machine());

        assertThat(filesLeft()).noneMatch(name -> name.contains("understudy-"));
        begin("understudy-1-2", Optional.of("understudy-1-1")).close();
        abandoned.close();
        hypervisor().endAbandonedPointInTime(VmId.random());
    }

    @Test
    void deletesOnlyCheckpointsOfOurs() throws Exception {
        assertThatThrownBy(() -> hypervisor().deleteCheckpoint(machine(), "nightly"))
                .isInstanceOf(IllegalArgumentException.class);
        hypervisor().deleteCheckpoint(machine(), "understudy-9-9");
    }

    @Test
    void definesReplacesStartsAndRemovesAMachineOfOurs() throws Exception {
        MachineDefinition replica = replica();
        hypervisor().define(replica);
        hypervisor().define(replica);
        assertThat(hypervisor().definition(replica.id()).isOurs()).isTrue();

        hypervisor().start(replica.id());
        assertThat(hypervisor().machine(replica.id()).orElseThrow().power()).isEqualTo(PowerState.RUNNING);
        hypervisor().requestShutdown(replica.id());
        assertFails(FailureCode.STATE_FORBIDS, () -> hypervisor().undefine(replica.id(), FirmwareState.GOES));
        hypervisor().destroy(replica.id());
        hypervisor().requestShutdown(replica.id());
        hypervisor().undefine(replica.id(), FirmwareState.GOES);
        hypervisor().undefine(replica.id(), FirmwareState.GOES);
        assertThat(hypervisor().machine(replica.id())).isEmpty();
    }

    @Test
    void neverReplacesOrRemovesAMachineOfOthers() throws Exception {
        MachineDefinition theirs = hypervisor().definition(machine());

        assertFails(FailureCode.ALREADY_EXISTS, () -> hypervisor().define(theirs));
        assertFails(FailureCode.ALREADY_EXISTS, () -> hypervisor().define(replica().withName(theirs.name())));
        assertFails(FailureCode.STATE_FORBIDS, () -> hypervisor().undefine(machine(), FirmwareState.GOES));
        assertThat(hypervisor().definition(machine())).isEqualTo(theirs);
    }

    @Test
    void startsAMachineWithAnAdapterOnNothingAndOneOnAnIsolatedNetwork() throws Exception {
        String name = "understudy-" + UUID.randomUUID().toString().substring(0, 8);
        MachineDefinition replica = replica();
        MachineDefinition unplugged = planned(replica, Connections.all(Optional.empty())).machine();
        try {
            hypervisor().define(unplugged);
            hypervisor().start(unplugged.id());
            assertThat(hypervisor().machine(unplugged.id()).orElseThrow().adapters().getFirst().network()).isEmpty();
            hypervisor().destroy(unplugged.id());

            hypervisor().createIsolatedNetwork(name);
            hypervisor().createIsolatedNetwork(name);
            assertThat(hypervisor().networks()).as("a test's network is no network to map").noneMatch(
                    network -> network.name().equals(name));
            MachinePlan plugged =
                    planned(replica, Connections.all(Optional.of(new Connection(name, Optional.empty()))));
            assertThat(plugged.portability().obstacles()).as("a test's network is there for the test").isEmpty();
            hypervisor().define(plugged.machine());
            hypervisor().start(unplugged.id());
            assertThat(hypervisor().machine(unplugged.id()).orElseThrow().adapters().getFirst().network())
                    .contains(name);
        } finally {
            hypervisor().destroy(unplugged.id());
            hypervisor().undefine(unplugged.id(), FirmwareState.GOES);
            hypervisor().removeIsolatedNetwork(name);
        }
        hypervisor().removeIsolatedNetwork(name);
    }

    @Test
    void saysBeforehandWhyAMachineCannotBeDefinedAndLeavesNothingOfTheQuestion() throws Exception {
        MachineDefinition replica = planned(replica(), Connections.all(Optional.empty())).machine();
        List<VirtualMachine> before = hypervisor().machines();

        assertThat(hypervisor().refusals(replica)).isEmpty();
        String theirs = hypervisor().definition(machine()).name();
        assertThat(hypervisor().refusals(replica.withName(theirs))).singleElement().asString().contains(theirs);
        assertThat(hypervisor().refusals(replica.withId(machine()))).singleElement().asString()
                .contains(theirs).contains("same UUID");
        assertThat(hypervisor().refusals(new MachineDefinition(
                replica.xml().replace("<os>", "<os firmware=\"nonsense\">")))).isNotEmpty();
        assertThat(hypervisor().machines()).hasSameSizeAs(before);

        hypervisor().define(replica);
        assertThat(hypervisor().refusals(replica)).as("its own item may make it anew").isEmpty();
        MachineDefinition ofAnother = replica.forItem(ItemId.random());
        assertThat(hypervisor().refusals(ofAnother)).isNotEmpty();
        assertFails(FailureCode.ALREADY_EXISTS, () -> hypervisor().define(ofAnother));
    }

    @Test
    void followsWhetherTheSourcesHostStartsTheMachine() throws Exception {
        MachineDefinition replica = replica();
        hypervisor().define(replica);
        assertThat(hypervisor().definition(replica.id()).autostart()).isFalse();
        hypervisor().setAutostart(replica.id(), true);
        assertThat(hypervisor().definition(replica.id()).autostart()).isTrue();
        hypervisor().setAutostart(replica.id(), false);
        assertThat(hypervisor().definition(replica.id()).autostart()).isFalse();
    }

    private MachinePlan planned(MachineDefinition definition, Connections connections) throws Exception {
        return MachinePlan.of(definition, new MachineRequest(ITEM, definition.id(), definition.name(),
                UUID.randomUUID(), Map.of(), connections), hypervisor().capabilities(definition));
    }

    @Test
    void tellsOfMachinesThatStartAndStop() throws Exception {
        LinkedBlockingQueue<MachineEvent> events = new LinkedBlockingQueue<>();
        MachineDefinition replica = replica();
        try (AutoCloseable listening = hypervisor().onMachineEvent(event -> {
            if (event.vm().equals(replica.id())) {
                events.add(event);
            }
        })) {
            assertThat(listening).isNotNull();
            hypervisor().define(replica);
            hypervisor().start(replica.id());
            awaitEvents(events, Set.of(MachineEvent.Kind.DEFINED, MachineEvent.Kind.STARTED));
            hypervisor().destroy(replica.id());
            hypervisor().undefine(replica.id(), FirmwareState.GOES);
            awaitEvents(events, Set.of(MachineEvent.Kind.STOPPED, MachineEvent.Kind.UNDEFINED));
        }
    }

    /** Of a disk that can be opened. */
    private static boolean knowsChanges(PointInTime point, DiskName disk) throws IOException {
        try (CaptureDisk opened = point.open(disk)) {
            return opened.knowsChanges();
        }
    }

    protected final PointInTime begin(String checkpoint, Optional<String> since) throws Exception {
        return hypervisor().beginPointInTime(machine(), request(checkpoint, since));
    }

    protected final PointInTime beginAtRest(String since) throws Exception {
        return hypervisor().beginPointAtRest(machine(), new RestRequest(BOTH, Optional.of(since), "understudy-vm"));
    }

    protected final PointInTimeRequest request(String checkpoint, Optional<String> since) {
        return new PointInTimeRequest(checkpoint, since, "understudy-vm.sock",
                Map.of(VDA, folder().resolve("vda.qcow2.understudy-scratch"),
                        VDB, folder().resolve("vdb.qcow2.understudy-scratch")));
    }

    protected static void assertFails(FailureCode code, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(FailureException.class,
                e -> assertThat(e.failure().code()).as(e.getMessage()).isEqualTo(code));
    }

    protected final Set<String> filesLeft() throws Exception {
        try (var files = Files.list(folder())) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    private static void awaitEvents(LinkedBlockingQueue<MachineEvent> events, Set<MachineEvent.Kind> expected)
            throws InterruptedException {
        Set<MachineEvent.Kind> missing = EnumSet.copyOf(expected);
        while (!missing.isEmpty()) {
            MachineEvent event = events.poll(EVENT_SECONDS_MAX, TimeUnit.SECONDS);
            assertThat(event).as("an event among " + missing).isNotNull();
            missing.remove(event.kind());
        }
    }
}
