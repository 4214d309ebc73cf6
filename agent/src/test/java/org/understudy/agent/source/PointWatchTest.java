package org.understudy.agent.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.understudy.disk.CaptureDisk;
import org.understudy.hypervisor.PointInTime;
import org.understudy.model.DiskName;
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

        @Override
        public Instant takenAt() {
            return Instant.EPOCH;
        }

        @Override
        public CaptureDisk open(DiskName disk) {
            throw new IllegalArgumentException("it has no disk " + disk);
        }

        @Override
        public void requireIntact() {}

        @Override
        public void close() {
            closed.countDown();
        }
    }
}
