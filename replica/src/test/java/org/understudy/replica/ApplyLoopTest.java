package org.understudy.replica;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.model.ByteCount;
import org.understudy.model.Consistency;
import org.understudy.model.FailureCode;
import org.understudy.model.LogPosition;
import org.understudy.model.RecoveryPoint;

/** What the loop of a replica promises, whatever happens to the disk, the clock and the memory of its host. */
@Timeout(120)
class ApplyLoopTest {
    private static final ApplyLoop.Pauses SHORT = new ApplyLoop.Pauses(Duration.ofMillis(10), Duration.ofMillis(20));

    @TempDir
    Path folder;

    private static void await(Condition condition) throws IOException {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
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
    void tellsOfAnErrorAndGoesOnWhenItIsOver() throws IOException {
        try (ReplicaWorld world = ReplicaWorld.keepingAll(folder, 51)) {
            world.cycle(Consistency.CRASH);
            LogPosition two = world.capture(Consistency.CRASH);
            world.ship(two);
            world.machine.meet(new OutOfMemoryError("Cannot reserve 1048576 bytes of direct buffer memory"));
            try (ApplyLoop loop = ApplyLoop.start(world.replica(), System::nanoTime, SHORT)) {
                await(() -> world.replica().report().trouble().isPresent());
                assertThat(world.replica().report().trouble().orElseThrow().code())
                        .isEqualTo(FailureCode.INTERNAL_ERROR);
                assertThat(world.replica().report().trouble().orElseThrow().message()).contains("OutOfMemoryError");
                assertThat(loop.isAlive()).isTrue();
                world.machine.repair();
                await(() -> world.replica().report().applied().equals(two)
                        && world.replica().report().trouble().isEmpty());
            }
            assertThat(world.contentAt(two, ReplicaWorld.VDA))
                    .isEqualTo(world.history.get(two).get(ReplicaWorld.VDA));
        }
    }

    /** The journal cannot be applied; the operator shortens the retention, as the failure says: free space. */
    @Tag("slow")
    @Test
    void freesAFullTargetByARetentionThatIsShortened() throws IOException {
        try (ReplicaWorld world = new ReplicaWorld(folder, 52, new Retention(0, Duration.ofHours(10)))) {
            for (int i = 0; i < 20; i++) {
                world.clock.forward(Duration.ofMinutes(5));
                world.cycle(Consistency.CRASH);
            }
            LogPosition journaled = world.capture(Consistency.CRASH);
            world.ship(journaled);
            world.free = ByteCount.ofMebibytes(60);
            try (ApplyLoop _ = ApplyLoop.start(world.replica(), System::nanoTime,
                    new ApplyLoop.Pauses(Duration.ofMillis(10), Duration.ofDays(1)))) {
                await(() -> world.replica().report().trouble().isPresent());
                assertThat(world.replica().report().points().count()).isEqualTo(21);
                world.spec = world.spec.keeping(new Retention(0, Duration.ofMinutes(12)));
                world.catalog().create(world.spec);
                await(() -> world.replica().report().points().count() == 4);
                // Merging takes less than it gives, so it may use a part of the reserve.
                world.spec = world.spec.keeping(new Retention(24, Duration.ZERO));
                world.catalog().create(world.spec);
                await(() -> world.replica().report().points().count() == 3);
                world.free = ByteCount.ofGibibytes(1);
                await(() -> world.replica().report().applied().equals(journaled)
                        && world.replica().report().trouble().isEmpty());
            }
        }
    }

    @Test
    void trimsThoughTheClockIsSetBack() throws IOException {
        try (ReplicaWorld world = new ReplicaWorld(folder, 53, new Retention(0, Duration.ofMinutes(2)))) {
            world.clock.forward(Duration.ofDays(2));
            try (ApplyLoop _ = ApplyLoop.start(world.replica(), System::nanoTime, SHORT)) {
                world.clock.setBack(Duration.ofDays(2));
                LogPosition last = world.capture(Consistency.CRASH);
                world.ship(last);
                for (int i = 0; i < 12; i++) {
                    last = world.capture(Consistency.CRASH);
                    world.ship(last);
                }
                await(() -> world.replica().report().points().count() == 4);
                assertThat(world.replica().points().newestFirst()).extracting(RecoveryPoint::position).contains(last);
            }
        }
    }

    @Test
    void neverWorksOnMoreThanThereIsRoomFor() throws InterruptedException {
        WorkRoom room = new WorkRoom();
        AtomicInteger merging = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch ended = new CountDownLatch(40);
        List<Thread> threads = IntStream.range(0, 40).mapToObj(_ -> Thread.ofVirtual().start(() -> {
            try (WorkRoom.Place _ = room.toMerge()) {
                most.accumulateAndGet(merging.incrementAndGet(), Math::max);
                Thread.yield();
                merging.decrementAndGet();
            }
            ended.countDown();
        })).toList();
        ended.await();
        assertThat(threads).hasSize(40);
        assertThat(most.get()).isBetween(1, 2);
    }
}
