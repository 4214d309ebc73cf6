package org.understudy.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.understudy.disk.CaptureDisk;
import org.understudy.model.ByteCount;
import org.understudy.model.Extent;

/** How far a slice goes. */
class CaptureRangeTest {
    private static final long MIB = 1 << 20;

    private static CaptureRange next(long coveredMib, long diskMib, long sliceMib, CaptureDisk.Part... allocation) {
        return CaptureRange.next(ByteCount.ofMebibytes(coveredMib), ByteCount.ofMebibytes(diskMib),
                ByteCount.ofMebibytes(sliceMib), List.of(allocation));
    }

    private static CaptureDisk.Part content(long offsetMib, long lengthMib) {
        return new CaptureDisk.Part(new Extent(offsetMib * MIB, lengthMib * MIB), false);
    }

    private static CaptureDisk.Part hole(long offsetMib, long lengthMib) {
        return new CaptureDisk.Part(new Extent(offsetMib * MIB, lengthMib * MIB), true);
    }

    private static CaptureRange range(long fromMib, long toMib) {
        return new CaptureRange(ByteCount.ofMebibytes(fromMib), ByteCount.ofMebibytes(toMib));
    }

    @Test
    void goesAsFarAsTheSliceHasContent() {
        assertThat(next(0, 1000, 256, content(0, 1000))).isEqualTo(range(0, 256));
        assertThat(next(256, 1000, 256, content(256, 744))).isEqualTo(range(256, 512));
    }

    @Test
    void passesHolesForNothing() {
        assertThat(next(0, 1000, 20, content(0, 10), hole(10, 800), content(810, 190))).isEqualTo(range(0, 820));
    }

    @Test
    void coversAnEmptyDiskAtOnce() {
        assertThat(next(0, 1 << 20, 1, hole(0, 1 << 20))).isEqualTo(range(0, 1 << 20));
    }

    @Test
    void endsAtTheEndOfTheDiskWhateverItsSize() {
        ByteCount odd = new ByteCount(10 * MIB + 512);
        assertThat(CaptureRange.next(ByteCount.ZERO, odd, ByteCount.ofMebibytes(64),
                List.of(new CaptureDisk.Part(new Extent(0, odd.bytes()), false))))
                .isEqualTo(new CaptureRange(ByteCount.ZERO, odd));
    }

    @Test
    void advancesByAtLeastTheSliceAlsoFromAnOddPlace() {
        ByteCount covered = new ByteCount(MIB + 1);
        assertThat(CaptureRange.next(covered, ByteCount.ofMebibytes(100), ByteCount.ofMebibytes(1),
                List.of(new CaptureDisk.Part(new Extent(MIB + 1, 99 * MIB - 1), false))).coveredAfter())
                .isEqualTo(ByteCount.ofMebibytes(3));
    }

    @Test
    void refusesAFrontThatGoesBack() {
        assertThatThrownBy(() -> range(2, 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
