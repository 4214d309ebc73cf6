package org.understudy.capture;

import java.util.Objects;
import org.understudy.disk.CaptureDisk;
import org.understudy.model.ByteCount;
import org.understudy.model.Extent;

/**
 * How far initial replication has come on a disk before a cycle and after it: {@code [0, coveredBefore)} is brought up
 * to date, {@code [coveredBefore, coveredAfter)} is the slice that is added.
 *
 * @param settled whether what was covered before is known to be as it was captured: nobody wrote to the disk since
 */
public record CaptureRange(ByteCount coveredBefore, ByteCount coveredAfter, boolean settled) {
    /** Slices end at whole mebibytes, or at the end of the disk. */
    private static final long ALIGNMENT = 1L << 20;

    public CaptureRange {
        Objects.requireNonNull(coveredBefore, "coveredBefore");
        Objects.requireNonNull(coveredAfter, "coveredAfter");
        if (coveredAfter.compareTo(coveredBefore) < 0) {
            throw new IllegalArgumentException("the front cannot go back from %d to %d".formatted(
                    coveredBefore.bytes(), coveredAfter.bytes()));
        }
    }

    /** Of a disk that may have been written to. */
    public CaptureRange(ByteCount coveredBefore, ByteCount coveredAfter) {
        this(coveredBefore, coveredAfter, false);
    }

    /** The same of a disk to which nobody wrote since what is covered was captured. */
    public CaptureRange ofSettledDisk() {
        return new CaptureRange(coveredBefore, coveredAfter, true);
    }

    /** No slice: initial replication is complete, or waits. */
    public static CaptureRange upToDate(ByteCount covered) {
        return new CaptureRange(covered, covered);
    }

    /**
     * Plans the next slice: so far that about {@code sliceSize} of what must be read lies within, so that a disk with
     * little on it is covered in few cycles however large it is.
     *
     * @param sliceSize at least 1 MiB
     * @param rest of the disk, from {@code coveredBefore} on; is read no further than needed
     */
    public static CaptureRange next(ByteCount coveredBefore, ByteCount diskSize, ByteCount sliceSize,
            Iterable<CaptureDisk.Part> rest) {
        if (sliceSize.bytes() < ALIGNMENT) {
            throw new IllegalArgumentException("a slice of " + sliceSize + " is too small");
        }
        long left = sliceSize.bytes();
        for (CaptureDisk.Part part : rest) {
            Extent extent = part.extent();
            if (part.zero()) {
                continue;
            }
            if (extent.length() >= left) {
                long end = Math.ceilDiv(extent.offset() + left, ALIGNMENT) * ALIGNMENT;
                return new CaptureRange(coveredBefore, new ByteCount(Math.min(end, diskSize.bytes())));
            }
            left -= extent.length();
        }
        return new CaptureRange(coveredBefore, diskSize);
    }

    /** Whether a slice is added. */
    boolean hasSlice() {
        return coveredAfter.compareTo(coveredBefore) > 0;
    }
}
