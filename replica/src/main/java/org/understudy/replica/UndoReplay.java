package org.understudy.replica;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.understudy.changelog.ChangeLogException;
import org.understudy.changelog.ChangeLogReader;
import org.understudy.changelog.Frame;
import org.understudy.disk.BlockDevice;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.Extent;

/**
 * The net effect of several undo steps on one disk: each byte once, as the oldest of their logs has it.
 * That is what the newest-to-oldest order of writing them would leave. Memory has a bound: where the changes are
 * scattered over more ranges than it holds, the disk is gone through in parts, from its start to its end, and the logs
 * are read for each part.
 */
final class UndoReplay {
    /** About 20 MiB, and several branches are made at once. */
    private static final int RANGES_MAX = 200_000;
    private static final long SPACE_CHECK_BYTES = 16 << 20;

    private final BlockDevice device;
    private final Space space;
    private final int rangesMax;
    private WrittenBytes written;
    private long from;
    private long to;
    private long unchecked = SPACE_CHECK_BYTES;

    private UndoReplay(BlockDevice device, Space space, int rangesMax) {
        this.device = device;
        this.space = space;
        this.rangesMax = rangesMax;
    }

    /** Whether there is room for more to be written. */
    @FunctionalInterface
    interface Space {
        /** Passes, or throws what hinders. */
        void require(ByteCount more) throws IOException;
    }

    /** Writes every byte that the steps touch to {@code device}. */
    static void replay(DiskName disk, List<UndoStep> newestFirst, BlockDevice device, Space space)
            throws IOException, UndoDamage {
        replay(disk, newestFirst, device, space, RANGES_MAX);
    }

    static void replay(DiskName disk, List<UndoStep> newestFirst, BlockDevice device, Space space, int rangesMax)
            throws IOException, UndoDamage {
        UndoReplay replay = new UndoReplay(device, space, rangesMax);
        long end = device.size().bytes();
        while (replay.from < end) {
            replay.to = end;
            replay.written = new WrittenBytes(end);
            for (UndoStep step : newestFirst.reversed()) {
                replay.take(disk, step);
            }
            replay.from = replay.to;
        }
    }

    private void take(DiskName disk, UndoStep step) throws IOException, UndoDamage {
        try (ChangeLogReader reader = ChangeLogReader.open(step.log(disk))) {
            Optional<Frame> frame = reader.next();
            while (frame.isPresent()) {
                write(frame.get());
                if (written.ranges() > rangesMax) {
                    // What is written behind it already is right so far, and is written anew with its own part.
                    to = written.forgetUpperHalf();
                }
                frame = reader.next();
            }
        } catch (ChangeLogException e) {
            throw new UndoDamage(step, e);
        }
    }

    private void write(Frame frame) throws IOException {
        Extent whole = frame.extent();
        long start = Math.max(from, whole.offset());
        long end = Math.min(to, whole.end());
        if (start >= end) {
            return;
        }
        Extent wanted = new Extent(start, end - start);
        for (Extent part : written.lackingOf(wanted)) {
            require(part.length());
            switch (frame) {
                case Frame.Zero _ -> device.zero(part);
                case Frame.Data data -> device.write(part.offset(), data.bytes().slice(
                        Math.toIntExact(part.offset() - whole.offset()), Math.toIntExact(part.length())));
            }
        }
        written.add(wanted);
    }

    private void require(long bytes) throws IOException {
        unchecked += bytes;
        if (unchecked >= SPACE_CHECK_BYTES) {
            space.require(new ByteCount(SPACE_CHECK_BYTES));
            unchecked = 0;
        }
    }
}
