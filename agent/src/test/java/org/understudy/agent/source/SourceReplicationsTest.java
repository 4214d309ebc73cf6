package org.understudy.agent.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.command.AgentCommand.PauseReplication;
import org.understudy.command.AgentCommand.StartReplication;
import org.understudy.command.AgentCommand.TargetAddress;
import org.understudy.command.ReplicationSettings;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.hypervisor.MachineEvent;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;
import org.understudy.model.VirtualDisk;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VmId;
import org.understudy.replication.SystemPace;
import org.understudy.replication.TargetDialer;
import org.understudy.replication.TargetEnd;

/** What the vault may ask of a host's replications, over a hypervisor that has lost the VM. */
class SourceReplicationsTest {
    private static final HostId HOST = HostId.random();
    private static final String FENCED = "The item was failed over.";

    /** Released whenever the shipping loop dials. */
    private final Semaphore asked = new Semaphore(0);
    private volatile List<String> left = List.of();
    private final TargetDialer fenced = new TargetDialer() {
        @Override
        public TargetEnd dial(long generation) {
            asked.release();
            throw FailureException.of(FailureCode.REPLICA_FENCED, FENCED);
        }

        @Override
        public boolean reachable() {
            return true;
        }
    };
    private final Relationship relationship = new Relationship(
            ItemId.random(), 1, VmId.random(),
            Map.of(new DiskName("vda"), new Relationship.SourceDisk(ByteCount.ofMebibytes(64), "/images")),
            new TargetAddress(HostId.random(), "10.0.0.2", 8084),
            new ReplicationSettings(Duration.ofSeconds(1), true));

    @Test
    @Timeout(30)
    void goesOnFromAHaltWhenItIsResumedAndNotBefore(@TempDir Path folder) throws Exception {
        Hypervisor hypervisor = withoutTheMachine();
        RelationshipStore store = new RelationshipStore(folder);
        store.begin(relationship);
        try (CycleCapture capture = new CycleCapture();
                SourceReplications sources = new SourceReplications(hypervisor, store, new ReplicationFactory(
                        hypervisor, store, capture, it -> fenced, new SystemPace(Clock.systemUTC()), HOST))) {
            sources.resume();
            awaitHalt(sources);
            assertThat(asked.drainPermits()).as("it asks once and then stands still").isEqualTo(1);
            sources.resume(relationship.id());
            assertThat(asked.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
            awaitHalt(sources);
            assertThatThrownBy(() -> sources.resume(RelationshipId.first(ItemId.random()))).isInstanceOfSatisfying(
                    FailureException.class, e -> assertThat(e.failure().code()).isEqualTo(FailureCode.NOT_FOUND));
        }
    }

    /** A VM that gets its disks after a commit may be reversed meanwhile: that waits, and is not refused. */
    @Test
    void waitsForAJobOnADiskAndRefusesWhatCannotBeTracked(@TempDir Path folder) throws Exception {
        RelationshipStore store = new RelationshipStore(folder);
        Map<String, FailureCode> obstacles = Map.of("Disk vda " + VirtualDisk.IN_A_JOB + ".",
                FailureCode.HYPERVISOR_BUSY, "Disk vda is encrypted.", FailureCode.VM_CANNOT_BE_PROTECTED);
        for (Map.Entry<String, FailureCode> obstacle : obstacles.entrySet()) {
            Hypervisor host = withTheMachineOff(new VirtualDisk(new DiskName("vda"), "/images/vda.qcow2", "qcow2",
                    ByteCount.ofMebibytes(64), Optional.of(obstacle.getKey())));
            try (CycleCapture capture = new CycleCapture();
                    SourceReplications sources = new SourceReplications(host, store, new ReplicationFactory(
                            host, store, capture, it -> fenced, new SystemPace(Clock.systemUTC()), HOST))) {
                assertThatThrownBy(() -> sources.start(new StartReplication(relationship.id(), relationship.vm(),
                        List.of(new DiskName("vda")), relationship.target(), relationship.settings())))
                        .isInstanceOfSatisfying(FailureException.class,
                                e -> assertThat(e.failure().code()).isEqualTo(obstacle.getValue()));
            }
        }
    }

    @Test
    @Timeout(30)
    void aVmWhoseDisksAreWorkedOnIsHeldUntilItIsLetGo(@TempDir Path folder) throws Exception {
        RelationshipStore store = new RelationshipStore(folder);
        store.begin(relationship);
        try (CycleCapture capture = new CycleCapture();
                SourceReplications sources = new SourceReplications(withoutTheMachine(), store,
                        new ReplicationFactory(withoutTheMachine(), store, capture, it -> fenced,
                                new SystemPace(Clock.systemUTC()), HOST))) {
            sources.resume();
            CycleHold hold = sources.require(relationship.id()).source().hold();
            sources.hold(VmId.random(), "gets its disks");
            hold.requireNone("web01");
            sources.hold(relationship.vm(), "gets its disks");
            sources.endHold(relationship.id());
            assertThatThrownBy(() -> hold.requireNone("web01")).isInstanceOfSatisfying(FailureException.class, e -> {
                assertThat(e.failure().code()).isEqualTo(FailureCode.HYPERVISOR_BUSY);
                assertThat(e.failure().message()).isEqualTo("VM web01 gets its disks.");
                assertThat(e.failure().recommendedAction()).contains("Wait");
            });
            sources.letGo(relationship.vm());
            hold.requireNone("web01");
        }
    }

    @Test
    @Timeout(30)
    void tellsThatItsRecordIsGoneDeletesNothingAndGoesOnWhenItIsBack(@TempDir Path folder) throws Exception {
        RelationshipStore store = new RelationshipStore(folder);
        store.begin(relationship);
        Path record = store.stateFile(relationship.id());
        Path aside = record.resolveSibling("state.aside");
        Files.move(record, aside);
        try (CycleCapture capture = new CycleCapture();
                SourceReplications sources = new SourceReplications(withoutTheMachine(), store,
                        new ReplicationFactory(withoutTheMachine(), store, capture, it -> fenced,
                                new SystemPace(Clock.systemUTC()), HOST))) {
            sources.resume();
            List<Failure> troubles = new ArrayList<>();
            assertThat(sources.reports(troubles::add)).isEmpty();
            assertThat(troubles).singleElement().satisfies(it ->
                    assertThat(it.message()).contains(record.toString()).contains("Nothing of it was deleted"));
            assertThat(record).doesNotExist();
            Files.move(aside, record);
            sources.resume(relationship.id());
            awaitHalt(sources);
        }
    }

    @Test
    @Timeout(30)
    void startsTheOthersAndTellsWhenOneRelationshipCannotBeRead(@TempDir Path folder) throws Exception {
        RelationshipStore store = new RelationshipStore(folder);
        store.begin(relationship);
        ItemId broken = ItemId.random();
        Path itsFolder = Files.createDirectory(folder.resolve("relationships").resolve(broken.toString()));
        Files.writeString(itsFolder.resolve("relationship.json"), "{ torn");
        try (CycleCapture capture = new CycleCapture();
                SourceReplications sources = new SourceReplications(withoutTheMachine(), store,
                        new ReplicationFactory(withoutTheMachine(), store, capture, it -> fenced,
                                new SystemPace(Clock.systemUTC()), HOST))) {
            sources.resume();
            awaitHalt(sources);
            List<Failure> troubles = new ArrayList<>();
            assertThat(sources.reports(troubles::add)).hasSize(1);
            assertThat(troubles).isEqualTo(sources.troubles());
            assertThat(sources.troubles()).singleElement()
                    .satisfies(it -> assertThat(it.message()).contains(itsFolder.toString()));
        }
    }

    @Test
    @Timeout(30)
    void aNewPolicyDoesNotAskTheMachineAnewWhereTheLogsAre(@TempDir Path folder) throws Exception {
        RelationshipStore store = new RelationshipStore(folder);
        store.begin(relationship);
        ReplicationSettings rarer = new ReplicationSettings(Duration.ofSeconds(30), false);
        try (CycleCapture capture = new CycleCapture();
                SourceReplications sources = new SourceReplications(withoutTheMachine(), store,
                        new ReplicationFactory(withoutTheMachine(), store, capture, it -> fenced,
                                new SystemPace(Clock.systemUTC()), HOST))) {
            sources.resume();
            sources.start(new StartReplication(relationship.id(), relationship.vm(),
                    List.of(new DiskName("vda")), relationship.target(), rarer));
            Relationship now = store.find(relationship.id()).orElseThrow();
            assertThat(now.settings()).isEqualTo(rarer);
            assertThat(now.disks()).isEqualTo(relationship.disks());
        }
    }

    @Test
    @Timeout(30)
    void aLateStopOfAnEarlierDirectionLeavesTheLaterOneAlone(@TempDir Path folder) throws Exception {
        RelationshipStore store = new RelationshipStore(folder);
        store.begin(relationship);
        Relationship later = new Relationship(relationship.item(), 3, relationship.vm(), relationship.disks(),
                relationship.target(), relationship.settings());
        store.begin(later);
        String ofLater = CheckpointName.draw(later.id(), new LogPosition(3, 1), HOST);
        Hypervisor hypervisor = told(withTheMachineOff(),
                which -> assertThat(which.test(ofLater)).as("deletes what the later one starts from").isFalse());
        SourceState.Cycle first = new SourceState.Cycle(new LogPosition(3, 1), Optional.of(Instant.EPOCH),
                store.state(later.id()).orElseThrow().covered(), Optional.of(ofLater));
        store.save(later.id(), SourceState.start(later).captured(first, ByteCount.ZERO)
                .acknowledged(new LogPosition(3, 1)));
        try (CycleCapture capture = new CycleCapture();
                SourceReplications sources = new SourceReplications(hypervisor, store, new ReplicationFactory(
                        hypervisor, store, capture, it -> fenced, new SystemPace(Clock.systemUTC()), HOST))) {
            sources.resume();
            assertThat(sources.newestGeneration(relationship.item())).isEqualTo(3);
            assertThat(sources.remove(relationship.id())).isEmpty();
            assertThat(sources.remove(relationship.id().next())).as("was never here").isEmpty();
            assertThat(sources.reports(_ -> { })).singleElement()
                    .satisfies(it -> assertThat(it.relationship()).isEqualTo(later.id()));
            assertThat(store.find(later.id())).contains(later);
        }
    }

    @Test
    @Timeout(30)
    void aLaterDirectionEndsTheEarlierOneWhenItBegins(@TempDir Path folder) throws Exception {
        RelationshipStore store = new RelationshipStore(folder);
        store.begin(relationship);
        Relationship later = new Relationship(relationship.item(), 3, relationship.vm(), relationship.disks(),
                relationship.target(), relationship.settings());
        store.begin(later);
        try (CycleCapture capture = new CycleCapture();
                SourceReplications sources = new SourceReplications(withTheMachineOff(), store,
                        new ReplicationFactory(withTheMachineOff(), store, capture, it -> fenced,
                                new SystemPace(Clock.systemUTC()), HOST))) {
            sources.resume();
            sources.start(new StartReplication(later.id(), later.vm(), List.of(new DiskName("vda")), later.target(),
                    later.settings()));
            assertThat(store.find(relationship.id())).isEmpty();
            assertThat(sources.reports(_ -> { })).extracting(it -> it.relationship()).containsExactly(later.id());
        }
    }

    @Test
    @Timeout(30)
    void remembersWhatCannotBeRemovedNowAndSaysSo(@TempDir Path folder) throws Exception {
        RelationshipStore store = new RelationshipStore(folder);
        store.begin(relationship);
        Hypervisor hypervisor = withTheMachineOff();
        left = List.of("bitmap understudy-1 in /images/a.qcow2: somebody has it open");
        try (CycleCapture capture = new CycleCapture();
                SourceReplications sources = new SourceReplications(hypervisor, store,
                        new ReplicationFactory(hypervisor, store, capture, it -> fenced,
                                new SystemPace(Clock.systemUTC()), HOST))) {
            sources.resume();
            assertThat(sources.remove(relationship.id()).orElseThrow()).contains("somebody has it open");
            assertThat(sources.reports(_ -> { })).isEmpty();
            assertThat(store.ended()).hasSize(1);
            left = List.of();
            sources.on(new MachineEvent(relationship.vm(), MachineEvent.Kind.STOPPED));
            Semaphore never = new Semaphore(0);
            while (!store.ended().isEmpty()) {
                assertThat(never.tryAcquire(5, TimeUnit.MILLISECONDS)).isFalse();
            }
            assertThat(sources.remove(relationship.id())).isEmpty();
        }
    }

    @Test
    @Timeout(30)
    void beginsNoCycleWhileItIsPausedAlsoAfterARestart(@TempDir Path folder) throws Exception {
        RelationshipStore store = new RelationshipStore(folder);
        store.begin(relationship);
        Hypervisor hypervisor = withTheMachineOff();
        for (boolean asks : new boolean[] {true, false}) {
            try (CycleCapture capture = new CycleCapture();
                    SourceReplications sources = new SourceReplications(hypervisor, store,
                            new ReplicationFactory(hypervisor, store, capture, it -> fenced,
                                    new SystemPace(Clock.systemUTC()), HOST))) {
                sources.resume();
                if (asks) {
                    assertThat(sources.pause(new PauseReplication(relationship.id(), "anna", true))).isEmpty();
                }
                asked.drainPermits();
                sources.on(new MachineEvent(relationship.vm(), MachineEvent.Kind.STARTED));
                assertThat(sources.reports(_ -> { })).singleElement().satisfies(it -> {
                    Failure trouble = it.trouble().orElseThrow();
                    assertThat(trouble.code()).isEqualTo(FailureCode.REPLICATION_PAUSED);
                    assertThat(trouble.message()).contains("anna");
                });
                assertThat(asked.tryAcquire(300, TimeUnit.MILLISECONDS)).as("it dials").isFalse();
                assertThat(store.state(relationship.id()).orElseThrow().startOver()).isTrue();
                if (!asks) {
                    sources.resume(relationship.id());
                    assertThat(asked.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
                }
            }
        }
    }

    @Test
    @Timeout(30)
    void removesLaterWhatAPauseCouldNotTakeOffTheMachine(@TempDir Path folder) throws Exception {
        RelationshipStore store = new RelationshipStore(folder);
        store.begin(relationship);
        SourceState start = store.state(relationship.id()).orElseThrow();
        String checkpoint = CheckpointName.draw(relationship.id(), new LogPosition(1, 1), HOST);
        SourceState.Cycle first = new SourceState.Cycle(new LogPosition(1, 1), Optional.of(Instant.EPOCH),
                start.covered(), Optional.of(checkpoint));
        store.save(relationship.id(),
                start.captured(first, ByteCount.ZERO).acknowledged(new LogPosition(1, 1)));
        left = List.of("checkpoint " + checkpoint + ": the image is open");
        Semaphore unneeded = new Semaphore(0);
        Hypervisor hypervisor = told(withTheMachineOff(), which -> {
            if (which.test(checkpoint)) {
                unneeded.release();
            }
        });
        try (CycleCapture capture = new CycleCapture();
                SourceReplications sources = new SourceReplications(hypervisor, store, new ReplicationFactory(
                        hypervisor, store, capture, it -> fenced, new SystemPace(Clock.systemUTC()), HOST))) {
            sources.resume();
            assertThat(sources.pause(new PauseReplication(relationship.id(), "anna", true))).isPresent();
            assertThat(unneeded.tryAcquire(2, 20, TimeUnit.SECONDS)).as("looked for again").isTrue();
        }
    }

    @Test
    @Timeout(30)
    void leavesTheCheckpointsOfAnotherAgentOfTheSameLibvirtAlone(@TempDir Path folder) throws Exception {
        RelationshipStore store = new RelationshipStore(folder);
        store.begin(relationship);
        LogPosition third = new LogPosition(1, 3);
        String another = CheckpointName.draw(RelationshipId.first(ItemId.random()), third, HostId.random());
        String anEarlierVersions = CheckpointName.withoutAttempt(RelationshipId.first(ItemId.random()), third);
        String ours = CheckpointName.draw(RelationshipId.first(ItemId.random()), third, HOST);
        String ofOurItem = CheckpointName.withoutAttempt(relationship.id(), third);
        List<String> reaped = new CopyOnWriteArrayList<>();
        Semaphore swept = new Semaphore(0);
        Hypervisor hypervisor = told(withTheMachineOff(), which -> {
            Stream.of(another, anEarlierVersions, ours, ofOurItem, "nightly").filter(which).forEach(reaped::add);
            swept.release();
        });
        try (CycleCapture capture = new CycleCapture();
                SourceReplications sources = new SourceReplications(hypervisor, store, new ReplicationFactory(
                        hypervisor, store, capture, it -> fenced, new SystemPace(Clock.systemUTC()), HOST))) {
            sources.resume();
            assertThat(swept.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
            assertThat(reaped).containsExactly(ours, ofOurItem);
        }
    }

    /** The same hypervisor; what is asked to be deleted is told. */
    @SuppressWarnings("unchecked")
    private Hypervisor told(Hypervisor hypervisor, Consumer<Predicate<String>> reaped) {
        return (Hypervisor) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Hypervisor.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("reapCheckpoints")) {
                        reaped.accept((Predicate<String>) arguments[1]);
                    }
                    return method.invoke(hypervisor, arguments);
                });
    }

    private void awaitHalt(SourceReplications sources) throws InterruptedException {
        Semaphore never = new Semaphore(0);
        while (!shippingStandsStill(sources)) {
            assertThat(never.tryAcquire(5, TimeUnit.MILLISECONDS)).isFalse();
        }
    }

    private static boolean shippingStandsStill(SourceReplications sources) {
        return sources.reports(trouble -> { }).stream()
                .flatMap(report -> report.trouble().stream())
                .anyMatch(failure -> failure.message().equals(FENCED));
    }

    /** Whatever is asked of the VM, it is not defined. */
    private Hypervisor withoutTheMachine() {
        return (Hypervisor) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Hypervisor.class}, (proxy, method, arguments) ->
                        switch (method.getName()) {
                            case "machine" -> Optional.empty();
                            case "definition" -> new MachineDefinition("<domain type='kvm'/>");
                            case "endAbandonedPointInTime" -> null;
                            case "machines" -> List.of();
                            case "checkpoints" -> List.of();
                            default -> throw new AssertionError(method + " was not expected");
                        });
    }

    /** The machine is off, and of what replication left there {@link #left} stays. */
    private Hypervisor withTheMachineOff(VirtualDisk... disks) {
        VirtualMachine machine = new VirtualMachine(
                relationship.vm(), "web01", VirtualMachine.PowerState.SHUT_OFF, List.of(disks), List.of());
        Hypervisor without = withoutTheMachine();
        return (Hypervisor) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Hypervisor.class}, (proxy, method, arguments) ->
                        switch (method.getName()) {
                            case "machine" -> Optional.of(machine);
                            case "machines" -> List.of(machine);
                            case "reapCheckpoints" -> left;
                            default -> method.invoke(without, arguments);
                        });
    }
}
