package org.understudy.agent.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.command.AgentCommand;
import org.understudy.command.AgentReport;
import org.understudy.command.RetentionSettings;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.VmId;
import org.understudy.replica.ApplyLoop;
import org.understudy.replica.ManyPoints;
import org.understudy.replica.Replica;
import org.understudy.replica.ReplicaCatalog;
import org.understudy.replica.ReplicaDisk;
import org.understudy.replica.ReplicaSettings;
import org.understudy.replica.ReplicaSpec;
import org.understudy.replica.Retention;
import org.understudy.replication.Greeting;
import org.understudy.replication.MachineState;
import org.understudy.replication.ReplicaSession;
import org.understudy.replication.StateDigest;

/** What a host tells of its replicas. */
class ReplicasTest {
    private static final int POINTS = 12_000;

    @TempDir
    Path folder;
    private final Clock clock = Clock.systemUTC();
    private final ReplicaSpec spec = new ReplicaSpec(ItemId.random(), 1, VmId.random(), "web01", HostId.random(),
            List.of(new ReplicaDisk(new DiskName("vda"), ByteCount.ofMebibytes(1))),
            new Retention(0, Duration.ofDays(1)));

    private ReplicaCatalog catalog() throws IOException {
        return ReplicaCatalog.open(folder.resolve("replicas"), ReplicaSettings.usual(clock));
    }

    private MachineReadiness readiness() {
        Hypervisor none = (Hypervisor) Proxy.newProxyInstance(getClass().getClassLoader(),
                new Class<?>[] {Hypervisor.class}, (_, method, _) -> {
                    throw new AssertionError("asked for " + method.getName());
                });
        return new MachineReadiness(new TargetPlanner(none, new BootFolder(folder.resolve("boot"))), clock);
    }

    private static ApplyLoop ended(Replica replica) {
        ApplyLoop loop = ApplyLoop.start(replica, System::nanoTime, ApplyLoop.Pauses.USUAL);
        loop.close();
        return loop;
    }

    private static List<AgentReport.TargetProgress> reports(Replicas replicas) {
        return replicas.reports(trouble -> {
            throw new AssertionError(trouble.message());
        });
    }

    @Test
    void tellsOfALoopThatHasEnded() throws IOException {
        try (ReplicaCatalog catalog = catalog(); MachineReadiness readiness = readiness()) {
            catalog.create(spec);
            try (Replicas replicas = new Replicas(catalog, readiness, clock, ReplicasTest::ended)) {
                replicas.resume();
                Failure trouble = reports(replicas).getFirst().trouble().orElseThrow();
                assertThat(trouble.code()).isEqualTo(FailureCode.INTERNAL_ERROR);
                assertThat(trouble.message()).contains("VM web01").contains("loop for it has ended");
                assertThat(trouble.recommendedAction()).contains("systemctl restart understudy-agent");
            }
            try (Replicas replicas = new Replicas(catalog, readiness, clock)) {
                replicas.resume();
                assertThat(reports(replicas).getFirst().trouble()).isEmpty();
            }
        }
    }

    /** One host may hold the replica of one direction while the next goes the other way, and then a later one. */
    @Test
    void keepsTheReplicasOfTwoDirectionsApart() throws IOException {
        ReplicaSpec third = new ReplicaSpec(spec.item(), 3, spec.vm(), "web01", spec.source(), spec.disks(),
                spec.retention());
        try (ReplicaCatalog catalog = catalog(); MachineReadiness readiness = readiness();
                Replicas replicas = new Replicas(catalog, readiness, clock)) {
            catalog.create(spec).fence();
            catalog.create(third);
            assertThat(reports(replicas)).extracting(AgentReport.TargetProgress::relationship)
                    .containsExactlyInAnyOrder(spec.relationship(), third.relationship());
            assertThat(replicas.holdings().folders()).extracting(it -> it.relationship().orElseThrow())
                    .containsExactlyInAnyOrder(spec.relationship(), third.relationship());
        }
        try (ReplicaCatalog catalog = catalog(); MachineReadiness readiness = readiness();
                Replicas replicas = new Replicas(catalog, readiness, clock)) {
            assertThat(catalog.unreadable()).isEmpty();
            assertThat(catalog.newestGeneration(spec.item())).isEqualTo(3);
            replicas.remove(new AgentCommand.RemoveReplica(spec.relationship()));
            assertThat(replicas.has(spec.relationship())).isFalse();
            assertThat(replicas.has(third.relationship())).isTrue();
            assertThat(catalog.find(third.relationship()).orElseThrow().fenced()).isFalse();
            assertThat(folder.resolve("replicas").resolve(spec.item() + ".3")).isDirectory();
        }
    }

    @Test
    void refusesAPositionOfAnotherDirection() throws IOException {
        try (ReplicaCatalog catalog = catalog(); MachineReadiness readiness = readiness();
                Replicas replicas = new Replicas(catalog, readiness, clock)) {
            catalog.create(spec);
            assertThatExceptionOfType(FailureException.class).isThrownBy(() -> replicas.points(
                    new AgentCommand.ListPoints(spec.relationship(), Optional.of(new LogPosition(2, 1)), 10)))
                    .satisfies(e -> assertThat(e.failure().code()).isEqualTo(FailureCode.REQUEST_INVALID));
        }
    }

    /** Found before anything is made: the folder has nothing left but what is kept back. */
    @Test
    void makesNoReplicaWhereThereIsNoRoom() throws IOException {
        ReplicaSettings usual = ReplicaSettings.usual(clock);
        ReplicaSettings full = new ReplicaSettings(clock, usual.reserve(), _ -> usual.reserve(), usual.emulator(),
                usual.images(), usual.faults());
        try (ReplicaCatalog catalog = ReplicaCatalog.open(folder.resolve("replicas"), full);
                MachineReadiness readiness = readiness(); Replicas replicas = new Replicas(catalog, readiness, clock)) {
            var asked = new AgentCommand.PrepareReplica(spec.relationship(), spec.vm(), "web01", spec.source(),
                    List.of(new AgentCommand.ReplicaDisk(new DiskName("vda"), ByteCount.ofMebibytes(1))),
                    new RetentionSettings(24, Duration.ofDays(1)), Optional.empty());
            assertThatExceptionOfType(FailureException.class).isThrownBy(() -> replicas.prepare(asked))
                    .satisfies(refused -> {
                        assertThat(refused.failure().code()).isEqualTo(FailureCode.TARGET_CANNOT_RUN_VM);
                        assertThat(refused.failure().message()).contains("VM web01", "no bytes left for replicas");
                    });
            assertThat(catalog.all()).isEmpty();
        }
    }

    /** A vault from an older backup does not know the item, and somebody tidies up. */
    @Test
    void removesNoReplicaThatASourceFeedsOrFedLately() throws IOException {
        AgentCommand.RemoveReplica tidyUp = new AgentCommand.RemoveReplica(spec.relationship(), true, List.of());
        MovedClock later = new MovedClock();
        try (ReplicaCatalog catalog = catalog(); MachineReadiness readiness = readiness();
                Replicas replicas = new Replicas(catalog, readiness, later)) {
            Replica replica = catalog.create(spec);
            ReplicaSession session = new ReplicaReception(catalog, replicas, catalog::newestGeneration).open(
                    new Greeting(spec.relationship(), spec.source()));
            MachineState kept = new MachineState(new byte[] {1});
            session.keep(LogPosition.startOf(1).next(), kept);
            assertThat(session.keptState()).as("of what is acknowledged").isEqualTo(StateDigest.OF_NONE);
            assertThat(replica.machineState(LogPosition.startOf(1).next())).hasValueSatisfying(
                    file -> assertThat(file).hasBinaryContent(kept.bytes()));
            later.by = Duration.ofHours(3);
            assertThat(replicas.holdings().folders().getFirst().isFed(later.instant())).isTrue();
            assertThatExceptionOfType(FailureException.class).isThrownBy(() -> replicas.remove(tidyUp))
                    .satisfies(refused -> {
                        assertThat(refused.failure().code()).isEqualTo(FailureCode.IN_USE);
                        assertThat(refused.failure().message()).contains("VM web01", spec.source().toString());
                    });
            session.close();
            later.by = Duration.ofMinutes(29);
            assertThatExceptionOfType(FailureException.class).as("the network may be away for a while")
                    .isThrownBy(() -> replicas.remove(tidyUp));
            replica.fence();
            replicas.remove(tidyUp);
            assertThat(catalog.all()).isEmpty();

            catalog.create(spec);
            later.by = Duration.ofMinutes(31);
            replicas.remove(tidyUp);
            assertThat(catalog.all()).isEmpty();
        }
    }

    private static final class MovedClock extends Clock {
        private Duration by = Duration.ZERO;

        @Override
        public Instant instant() {
            return Instant.now().plus(by);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    @Test
    void listsNoFolderAnyMoreThatWasRemoved() throws IOException {
        try (ReplicaCatalog catalog = catalog(); MachineReadiness readiness = readiness();
                Replicas replicas = new Replicas(catalog, readiness, clock)) {
            catalog.create(spec);
            assertThat(replicas.holdings().folders()).singleElement()
                    .satisfies(held -> assertThat(held.vmName()).contains("web01"));
            replicas.remove(new AgentCommand.RemoveReplica(spec.relationship()));
            assertThat(replicas.holdings().folders()).isEmpty();
        }
    }

    @Test
    void answersPointsPageByPageAndCountsThemAll() throws IOException {
        try (ReplicaCatalog catalog = catalog()) {
            catalog.create(spec);
        }
        ManyPoints.standAt(folder.resolve("replicas/" + spec.item()), spec, POINTS, clock.instant());
        try (ReplicaCatalog catalog = catalog(); MachineReadiness readiness = readiness();
                Replicas replicas = new Replicas(catalog, readiness, clock)) {
            Replica replica = catalog.find(spec.relationship()).orElseThrow();
            ManyPoints.fill(replica, POINTS - 1, clock.instant().minusSeconds(POINTS - 1));
            var held = reports(replicas).getFirst().held();
            assertThat(held.count()).isEqualTo(POINTS);
            assertThat(held.latest().orElseThrow().position()).isEqualTo(new LogPosition(1, POINTS));
            assertThat(held.oldest()).isEqualTo(held.latestApplicationConsistent());
            assertThat(held.oldest().orElseThrow().position()).isEqualTo(new LogPosition(1, 1));
            assertThat(page(replicas, Optional.empty(), 3)).containsExactly(POINTS + 0L, POINTS - 1L, POINTS - 2L);
            assertThat(page(replicas, Optional.of(POINTS - 2L), 2)).containsExactly(POINTS - 2L, POINTS - 3L);
            assertThat(page(replicas, Optional.of(2L), 5)).containsExactly(2L, 1L);
            assertThat(page(replicas, Optional.of(POINTS + 7L), 1)).containsExactly(POINTS + 0L);
        }
    }

    private List<Long> page(Replicas replicas, Optional<Long> from, int limit) {
        return replicas.points(new AgentCommand.ListPoints(
                spec.relationship(), from.map(it -> new LogPosition(1, it)), limit))
                .points().stream().map(point -> point.position().sequence()).toList();
    }
}
