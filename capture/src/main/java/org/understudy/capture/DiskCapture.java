package org.understudy.capture;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.understudy.changelog.ChangeLogWriter;
import org.understudy.changelog.Compression;
import org.understudy.disk.CaptureDisk;
import org.understudy.model.ByteCount;
import org.understudy.model.Extent;

/**
 * Reads what one cycle needs of a disk and writes it into a change log; one object serves all disks of a host.
 *
 * <p>In the log are, ascending: the dirty extents of what was covered before, and what is allocated and not zero in the
 * slice that is added. Blocks of 64 KiB that are zero are zero frames, never data. Zeroes in the slice are left out
 * when the target is blank, and of the slice what the target is known, by its hashes, to hold just so. Dirty extents
 * beyond the front are left out: the slice that reaches them reads them.
 *
 * <p>Threads: any number of captures at once, which share the lanes (about 3 MiB each). Durability: none; the caller
 * closes the log. Errors: {@link IOException} of the server or the log's disk, and whatever the guard throws; the log
 * is then torn and must be discarded.
 */
public final class DiskCapture implements AutoCloseable {
    /** Enough to keep one server, which has 16 requests at work at once, busy and two captures going. */
    public static final int LANES = 32;

    private final LanePool lanes;

    public DiskCapture(int lanesMax, Compression compression) {
        this.lanes = new LanePool(lanesMax, compression);
    }

    /** How far the next cycle should go: about {@code sliceSize} of content beyond what is covered. */
    public static CaptureRange plan(CaptureDisk disk, ByteCount coveredBefore, ByteCount sliceSize)
            throws IOException {
        long left = disk.size().bytes() - coveredBefore.bytes();
        if (left <= 0) {
            return CaptureRange.upToDate(disk.size());
        }
        try {
            return CaptureRange.next(coveredBefore, disk.size(), sliceSize,
                    disk.parts(new Extent(coveredBefore.bytes(), left)));
        } catch (UncheckedIOException e) {
            throw new IOException(e.getCause().getMessage(), e);
        }
    }

    /** Captures into a log that has its header and nothing else; the caller finishes it. */
    public CaptureSummary capture(CaptureRequest request, ChangeLogWriter writer, SpaceGuard guard)
            throws IOException {
        guard.check();
        CapturePlan plan = new CapturePlan(request);
        try (CapturePipeline pipeline = new CapturePipeline(request, writer, guard, lanes)) {
            plan.walk(pipeline::add);
            pipeline.finish();
            return new CaptureSummary(new ByteCount(plan.changedBytes()), new ByteCount(plan.sliceBytes()),
                    new ByteCount(pipeline.dataBytes()), new ByteCount(pipeline.zeroBytes()),
                    new ByteCount(plan.comparedBytes()), new ByteCount(pipeline.equalBytes() + plan.equalBytes()));
        } catch (UncheckedIOException e) {
            throw new IOException(e.getCause().getMessage(), e);
        }
    }

    /** Frees the lanes; no capture may be at work. */
    @Override
    public void close() {
        lanes.close();
    }
}
