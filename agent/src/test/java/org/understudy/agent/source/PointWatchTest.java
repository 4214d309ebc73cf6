package org.understudy.agent.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.understudy.disk.CaptureDisk;
import org.understudy.hypervisor.PointInTime;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.Extent;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/** What becomes of an open point in time that would cost the guest something. */
@Timeout(30)
class PointWatchTest {
    private final OpenPoint point = new OpenPoint();

    @Test
    void endsThePointBeforeTheReserveIsGoneHoweverLittleTheCaptureWrites() throws Exception {
        AtomicInteger looks = new AtomicInteger();
        try (PointWatch watch = PointWatch.over(point, () -> {
            if (looks.incrementAndGet() == 3) {
                throw FailureException.of(FailureCode.SOURCE_STORAGE_FULL, "/images has 100 MiB free.");
            }
        })) {
            assertThat(point.closed.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(watch.reason().orElseThrow().failure().code()).isEqualTo(FailureCode.SOURCE_STORAGE_FULL);
        }
        assertThat(looks).hasValue(3);
    }

    @Test
    void endsAPointFromWhichNothingComesAnyMore() throws Exception {
        try (PointWatch watch = PointWatch.over(point, () -> { }, Duration.ofMillis(300))) {
            assertThat(point.closed.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(watch.reason().orElseThrow().failure().code()).isEqualTo(FailureCode.SOURCE_IO_FAILED);
        }
    }

    /** An order to QEMU does not help while it waits for whoever reads from it. */
    @Test
    void closesWhatIsReadFromBeforeItEndsThePoint() throws Exception {
        try (PointWatch watch = PointWatch.over(point, () -> { }, Duration.ofMillis(300))) {
            CaptureDisk disk = watch.open(new DiskName("vda"));
            assertThatThrownBy(() -> disk.read(0, ByteBuffer.allocate(1))).hasMessage("closed");
            assertThat(point.closed.await(20, TimeUnit.SECONDS)).isTrue();
            assertThatThrownBy(() -> watch.open(new DiskName("vda"))).isEqualTo(watch.reason().orElseThrow());
        }
        assertThat(point.opened).hasSize(2).allMatch(disk -> disk.closed.getCount() == 0);
    }

    @Test
    void takesEachAnswerForProgress() throws Exception {
        try (PointWatch watch = PointWatch.over(point, () -> { }, Duration.ofMillis(400));
                CaptureDisk disk = watch.open(new DiskName("vda"))) {
            Instant end = Instant.now().plusMillis(1200);
            while (Instant.now().isBefore(end)) {
                disk.parts(new Extent(0, 1)).forEach(part -> assertThat(part.zero()).isTrue());
            }
            assertThat(watch.reason()).isEmpty();
        }
    }

    @Test
    void endsAPointThatItCannotWatch() throws Exception {
        try (PointWatch watch = PointWatch.over(point, () -> {
            throw new OutOfMemoryError("of the test");
        })) {
            assertThat(point.closed.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(watch.reason().orElseThrow().failure().code()).isEqualTo(FailureCode.SOURCE_IO_FAILED);
        }
    }

    @Test
    void leavesAPointAloneThatGetsOn() throws Exception {
        CountDownLatch looked = new CountDownLatch(5);
        PointWatch watch = PointWatch.over(point, looked::countDown);
        assertThat(looked.await(20, TimeUnit.SECONDS)).isTrue();
        watch.close();
        assertThat(watch.reason()).isEmpty();
        assertThat(point.closed.getCount()).isEqualTo(1);
    }

    private static final class OpenPoint implements PointInTime {
        private final CountDownLatch closed = new CountDownLatch(1);
        private final List<SilentDisk> opened = new CopyOnWriteArrayList<>();

        @Override
        public Instant takenAt() {
            return Instant.EPOCH;
        }

        @Override
        public CaptureDisk open(DiskName disk) {
            SilentDisk silent = new SilentDisk();
            opened.add(silent);
            return silent;
        }

        @Override
        public void requireIntact() {}

        @Override
        public void close() {
            assertThat(opened).allMatch(disk -> disk.closed.getCount() == 0);
            closed.countDown();
        }
    }

    /** One whose reads wait until it is closed. */
    private static final class SilentDisk implements CaptureDisk {
        private final CountDownLatch closed = new CountDownLatch(1);

        @Override
        public ByteCount size() {
            return new ByteCount(1);
        }

        @Override
        public void read(long offset, ByteBuffer target) throws IOException {
            try {
                closed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new IOException("closed");
        }

        @Override
        public Iterable<Part> parts(Extent within) {
            return List.of(new Part(within, true));
        }

        @Override
        public boolean knowsChanges() {
            return false;
        }

        @Override
        public Iterable<Extent> changed(Extent within) {
            return List.of();
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }
}
