package org.understudy.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.understudy.replica.ReplicaWorld.VDA;
import static org.understudy.replica.ReplicaWorld.VDB;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.understudy.model.ByteCount;
import org.understudy.model.Consistency;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.model.RecoveryPoint;

/** What a replica promises about its recovery points, whatever happens to its host. */
class ReplicaPointsTest {
    @TempDir(factory = InMemory.class)
    Path folder;

    private static void everyPointIsExact(ReplicaWorld world) {
        RecoveryPoints points = world.replica().points();
        for (RecoveryPoint point : points.newestFirst()) {
            if (LogPosition.ORDER.compare(point.position(), points.applied()) > 0) {
                continue;
            }
            assertThat(world.stateAt(point.position())).as("what the machine kept at %s", point.position())
                    .isEqualTo(world.states.get(point.position()));
            for (ReplicaDisk disk : world.spec.disks()) {
                assertThat(Arrays.mismatch(world.contentAt(point.position(), disk.name()),
                        world.history.get(point.position()).get(disk.name())))
                        .as("first byte that differs on disk %s at %s", disk.name(), point.position()).isEqualTo(-1);
            }
        }
    }

    private static Set<LogPosition> positions(ReplicaWorld world) {
        Set<LogPosition> positions = new HashSet<>();
        world.replica().points().newestFirst().forEach(point -> positions.add(point.position()));
        return positions;
    }

    @Tag("slow")
    @Test
    void isByteExactAtEachOfSixtyPoints() throws IOException {
        try (ReplicaWorld world = ReplicaWorld.keepingAll(folder, 1)) {
            for (int i = 0; i < 60; i++) {
                world.cycle(Consistency.CRASH);
            }
            assertThat(positions(world)).hasSize(60);
            everyPointIsExact(world);
            world.reopen();
            assertThat(positions(world)).hasSize(60);
        }
    }

    @Test
    void hasNoPointBeforeTheDisksAreCovered() throws IOException {
        try (ReplicaWorld world = ReplicaWorld.keepingAll(folder, 2)) {
            world.cycle(Consistency.PARTIAL);
            world.cycle(Consistency.PARTIAL);
            assertThatExceptionOfType(FailureException.class).isThrownBy(() -> world.replica().points().latest())
                    .satisfies(e -> assertThat(e.failure().code()).isEqualTo(FailureCode.NO_RECOVERY_POINT));
            LogPosition whole = world.cycle(Consistency.CRASH);
            assertThat(world.replica().points().newestFirst()).extracting(RecoveryPoint::position)
                    .containsExactly(whole);
            assertThat(world.home().resolve("undo")).isEmptyDirectory();
            everyPointIsExact(world);
        }
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(longs = {101, 102, 103, 104, 105, 106, 107, 108})
    void losesNothingWhereverTheHostDies(long seed) throws IOException {
        try (ReplicaWorld world = new ReplicaWorld(folder, seed, new Retention(3, Duration.ofMinutes(4)))) {
            Random random = new Random(seed);
            int crashes = 0;
            for (int i = 0; i < 60; i++) {
                LogPosition position = world.capture(i < 3 ? Consistency.PARTIAL
                        : random.nextInt(9) == 0 ? Consistency.APPLICATION : Consistency.CRASH);
                world.machine.armAfter(random.nextInt(60));
                boolean done = false;
                while (!done) {
                    Set<LogPosition> before = kept(world);
                    try {
                        world.ship(position);
                        world.replica().applyPending();
                        before = kept(world);
                        if (i % 5 == 4) {
                            world.replica().trimPoints();
                        }
                        done = true;
                    } catch (CrashAt.Crash e) {
                        crashes++;
                        world.reopen();
                        if (random.nextBoolean()) {
                            world.machine.armAfter(random.nextInt(40));
                        }
                    }
                    assertThat(positions(world)).containsAll(before);
                }
                world.machine.repair();
                if (i % 10 == 9) {
                    everyPointIsExact(world);
                }
            }
            everyPointIsExact(world);
            assertThat(crashes).isGreaterThan(10);
            assertThat(world.replica().report().applied()).isEqualTo(world.history.lastKey());
        }
    }

    /** The same, with holds and resynchronisations that begin over an apply which was interrupted. */
    @Tag("slow")
    @ParameterizedTest
    @ValueSource(longs = {201, 202, 203, 204, 205, 206, 207, 208})
    void losesNothingThroughResynchronizationsAndHolds(long seed) throws IOException {
        try (ReplicaWorld world = new ReplicaWorld(folder, seed, new Retention(24, Duration.ofDays(1)))) {
            Random random = new Random(seed);
            int crashes = 0;
            for (int round = 1; round <= 8; round++) {
                for (int i = 0; i < 5; i++) {
                    LogPosition position = world.capture(i == 0 ? Consistency.PARTIAL : Consistency.CRASH);
                    world.ship(position);
                    crashes += applyOrDie(world, random) ? 0 : 1;
                    everyPointIsExact(world);
                }
                boolean held = random.nextBoolean();
                if (held) {
                    world.replica().hold("a test is running");
                }
                world.ship(world.capture(Consistency.CRASH));
                Set<LogPosition> before = positions(world);
                if (!held) {
                    crashes += applyOrDie(world, random) ? 0 : 1;
                }
                world.coverAnew();
                world.machine.armAfter(random.nextInt(12));
                LogPosition anew = world.capture(Consistency.PARTIAL);
                try {
                    world.ship(anew);
                } catch (CrashAt.Crash e) {
                    crashes++;
                    world.reopen();
                    world.ship(anew);
                }
                world.machine.repair();
                world.replica().release("a test is running");
                assertThat(positions(world)).containsAll(before);
            }
            assertThat(crashes).isGreaterThan(10);
        }
    }

    /** Applies, or dies at some line of it; answers whether it lived. */
    private static boolean applyOrDie(ReplicaWorld world, Random random) throws IOException {
        world.machine.armAfter(random.nextInt(16));
        try {
            world.replica().applyPending();
            world.machine.repair();
            return true;
        } catch (CrashAt.Crash e) {
            world.reopen();
            return false;
        }
    }

    private static void damageJournal(ReplicaWorld world, LogPosition position) throws IOException {
        Path segment = world.home().resolve("journal/vdb." + position + ".hrl");
        if (Files.exists(segment)) {
            byte[] bytes = Files.readAllBytes(segment);
            bytes[bytes.length / 2] ^= 1;
            Files.write(segment, bytes);
        }
    }

    /** The points that no failure may cost: those that the retention keeps now. */
    private static Set<LogPosition> kept(ReplicaWorld world) {
        List<ReplicaInstant> instants = new ArrayList<>();
        world.replica().points().newestFirst().reversed().forEach(point ->
                instants.add(new ReplicaInstant(point.position(), point.capturedAt(), point.consistency())));
        Set<LogPosition> kept = new HashSet<>();
        RetentionPlanner.plan(instants, world.clock.instant(), world.spec.retention()).keep()
                .forEach(instant -> kept.add(instant.position()));
        return kept;
    }

    @Tag("slow")
    @Test
    void mergesWhatTheRetentionDropsAndKeepsTheRestExact() throws IOException {
        try (ReplicaWorld world = new ReplicaWorld(folder, 7, new Retention(2, Duration.ofMinutes(5)))) {
            for (int i = 0; i < 200; i++) {
                world.cycle(i % 50 == 20 ? Consistency.APPLICATION : Consistency.CRASH);
                if (i % 60 == 59) {
                    world.replica().trimPoints();
                }
            }
            world.replica().trimPoints();
            Set<LogPosition> kept = positions(world);
            assertThat(kept).hasSizeBetween(11, 15);
            everyPointIsExact(world);
            assertThat(FolderTree.entries(world.home().resolve("undo"))).hasSize(kept.size() - 1);
            world.reopen();
            assertThat(positions(world)).isEqualTo(kept);
            everyPointIsExact(world);
        }
    }

    @Test
    void losesOnlyOlderPointsToADamagedUndoLog() throws IOException {
        try (ReplicaWorld world = ReplicaWorld.keepingAll(folder, 8)) {
            for (int i = 0; i < 8; i++) {
                world.cycle(Consistency.CRASH);
            }
            Path log = world.home().resolve("undo/1-5_1-4/vdb.hru");
            byte[] bytes = Files.readAllBytes(log);
            bytes[bytes.length - 60] ^= 4;
            Files.write(log, bytes);
            assertThatExceptionOfType(FailureException.class)
                    .isThrownBy(() -> world.replica().branch(new LogPosition(1, 3), "old", Branch.Purpose.TEST))
                    .satisfies(e -> assertThat(e.failure().code()).isEqualTo(FailureCode.REPLICA_CORRUPT));
            assertThat(world.replica().report().trouble()).isPresent();
            assertThat(positions(world)).containsExactlyInAnyOrder(new LogPosition(1, 8), new LogPosition(1, 7),
                    new LogPosition(1, 6), new LogPosition(1, 5));
            world.cycle(Consistency.CRASH);
            world.reopen();
            assertThat(positions(world)).hasSize(5);
            everyPointIsExact(world);
        }
    }

    @Test
    void stopsBeforeADamagedJournalAndKeepsItsPoints() throws IOException {
        try (ReplicaWorld world = ReplicaWorld.keepingAll(folder, 9)) {
            LogPosition one = world.cycle(Consistency.CRASH);
            LogPosition two = world.capture(Consistency.CRASH);
            world.ship(two);
            Path segment = world.home().resolve("journal/vdb.1-2.hrl");
            byte[] bytes = Files.readAllBytes(segment);
            bytes[bytes.length - 3] ^= 4;
            Files.write(segment, bytes);
            world.reopen();
            assertThatExceptionOfType(FailureException.class).isThrownBy(() -> world.replica().applyPending())
                    .satisfies(e -> assertThat(e.failure().code()).isEqualTo(FailureCode.RESYNCHRONIZATION_REQUIRED));
            assertThat(world.contentAt(one, VDA)).isEqualTo(world.history.get(one).get(VDA));
            assertThat(world.contentAt(one, VDB)).isEqualTo(world.history.get(one).get(VDB));
        }
    }

    @Test
    void tellsTheSourceOfADamagedJournalAndGoesBackToBeforeItWhereverItIsKilled() throws IOException {
        for (int line = 0; line < 12; line++) {
            try (ReplicaWorld world = ReplicaWorld.keepingAll(folder.resolve("at" + line), 9)) {
                LogPosition one = world.cycle(Consistency.CRASH);
                LogPosition two = world.capture(Consistency.CRASH);
                world.ship(two);
                world.ship(world.capture(Consistency.CRASH));
                assertThat(world.replica().standing().wholeUpTo()).isEmpty();
                damageJournal(world, two);
                world.reopen();
                assertThatExceptionOfType(FailureException.class).isThrownBy(() -> world.replica().applyPending());
                assertThat(world.replica().standing().wholeUpTo()).contains(one);
                assertThatExceptionOfType(FailureException.class).as("what comes after can never be applied")
                        .isThrownBy(() -> world.receive(VDA, new LogPosition(1, 4), 0));
                assertThatExceptionOfType(FailureException.class).as("what is whole is not given up")
                        .isThrownBy(() -> world.replica().divergence().goBackTo(new LogPosition(1, 0)));
                world.machine.armAfter(line);
                try {
                    world.replica().divergence().goBackTo(one);
                } catch (CrashAt.Crash e) {
                    world.reopen();
                    if (!world.replica().standing().acknowledged().equals(one)) {
                        assertThatExceptionOfType(FailureException.class)
                                .isThrownBy(() -> world.replica().applyPending());
                        assertThat(world.replica().standing().wholeUpTo()).contains(one);
                        world.replica().divergence().goBackTo(one);
                    }
                }
                world.machine.repair();
                world.replica().divergence().goBackTo(one);
                assertThat(world.replica().standing().acknowledged()).isEqualTo(one);
                assertThat(world.replica().standing().wholeUpTo()).isEmpty();
                assertThat(world.replica().report().trouble()).isEmpty();
                world.goOnFrom(one);
                LogPosition again = world.captureAnew(Consistency.CRASH);
                world.ship(again);
                world.replica().applyPending();
                assertThat(positions(world)).containsExactlyInAnyOrder(one, again);
                everyPointIsExact(world);
            }
        }
    }

    @Test
    void takesTheDisksBackFromAnInterruptedApply() throws IOException {
        try (ReplicaWorld world = ReplicaWorld.keepingAll(folder, 10)) {
            LogPosition one = world.cycle(Consistency.CRASH);
            LogPosition two = world.capture(Consistency.CRASH);
            world.ship(two);
            // Behind the undo step's name and one frame: the raw file is a mixture.
            world.machine.armAfter(5);
            assertThatExceptionOfType(CrashAt.Crash.class).isThrownBy(() -> world.replica().applyPending());
            world.reopen();
            assertThat(world.replica().report().applied()).isEqualTo(one);
            assertThat(Files.readAllBytes(world.rawFile(VDA))).isNotEqualTo(world.history.get(one).get(VDA));
            assertThat(world.contentAt(one, VDA)).isEqualTo(world.history.get(one).get(VDA));
            assertThat(positions(world)).containsExactlyInAnyOrder(one, two);
            world.replica().applyPending();
            everyPointIsExact(world);
        }
    }

    @Test
    void keepsItsPointsThroughAResynchronization() throws IOException {
        try (ReplicaWorld world = ReplicaWorld.keepingAll(folder, 13)) {
            world.cycle(Consistency.CRASH);
            LogPosition applied = world.cycle(Consistency.CRASH);
            LogPosition journaled = world.capture(Consistency.CRASH);
            world.ship(journaled);
            world.coverAnew();
            LogPosition partial = world.cycle(Consistency.PARTIAL);
            assertThat(positions(world)).contains(applied, journaled).doesNotContain(partial).hasSize(3);
            everyPointIsExact(world);
            LogPosition whole = world.cycle(Consistency.CRASH);
            world.reopen();
            assertThat(positions(world)).contains(applied, journaled, whole).hasSize(4);
            world.replica().trimPoints();
            everyPointIsExact(world);
        }
    }

    @Test
    void appliesByItselfAndGoesOnAfterTrouble() throws IOException {
        try (ReplicaWorld world = ReplicaWorld.keepingAll(folder, 14)) {
            ApplyLoop loop = ApplyLoop.start(world.replica(), System::nanoTime,
                    new ApplyLoop.Pauses(Duration.ofMillis(20), Duration.ofMinutes(1)));
            try {
                LogPosition one = world.capture(Consistency.CRASH);
                world.ship(one);
                awaitApplied(world, one);
                world.free = ByteCount.ofMebibytes(70);
                LogPosition two = world.capture(Consistency.CRASH);
                world.ship(two);
                world.free = ByteCount.ofMebibytes(1);
                await(() -> world.replica().report().trouble().isPresent()
                        || world.replica().report().applied().equals(two));
                world.free = ByteCount.ofGibibytes(1);
                awaitApplied(world, two);
                everyPointIsExact(world);
            } finally {
                loop.close();
            }
        }
    }

    private static void awaitApplied(ReplicaWorld world, LogPosition position) throws IOException {
        await(() -> world.replica().report().applied().equals(position)
                && world.replica().report().trouble().isEmpty());
    }

    private static void await(Condition condition) throws IOException {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    /** What is waited for. */
    private interface Condition {
        boolean holds() throws IOException;
    }

    @Test
    void resolvesTheChoicesOfAFailover() throws IOException {
        try (ReplicaWorld world = ReplicaWorld.keepingAll(folder, 12)) {
            LogPosition application = world.cycle(Consistency.APPLICATION);
            LogPosition processed = world.cycle(Consistency.CRASH);
            LogPosition journaled = world.capture(Consistency.APPLICATION);
            world.ship(journaled);
            RecoveryPoints points = world.replica().points();
            assertThat(points.latest().position()).isEqualTo(journaled);
            assertThat(points.latestProcessed().position()).isEqualTo(processed);
            assertThat(points.latestApplicationConsistent().position()).isEqualTo(application);
            assertThat(points.custom(processed).position()).isEqualTo(processed);
            assertThatExceptionOfType(FailureException.class).isThrownBy(() -> points.custom(new LogPosition(1, 99)))
                    .satisfies(e -> assertThat(e.failure().code()).isEqualTo(FailureCode.NO_RECOVERY_POINT));
        }
    }
}
