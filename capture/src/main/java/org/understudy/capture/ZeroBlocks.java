package org.understudy.capture;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.understudy.disk.BlockHasher;
import org.understudy.model.Extent;

/** Finds in what is zero at the source the blocks that are not known to be zero at the target. For one thread. */
final class ZeroBlocks {
    private static final int BLOCKS_AT_ONCE = 4096;

    private final BlockTable table;
    private final CapturePlan.PieceConsumer consumer;
    private long bytes;
    private long equalBytes;

    ZeroBlocks(BlockTable table, CapturePlan.PieceConsumer consumer) {
        this.table = table;
        this.consumer = consumer;
    }

    /** Of an extent of whole blocks, but for the last of the disk; hands out what must be said to be zero. */
    void walk(Extent extent) throws IOException {
        bytes += extent.length();
        long runStart = extent.offset();
        for (long at = extent.offset(); at < extent.end();) {
            long first = at / BlockHasher.BLOCK_BYTES;
            int count = (int) Math.min(BLOCKS_AT_ONCE, Math.ceilDiv(extent.end(), BlockHasher.BLOCK_BYTES) - first);
            ByteBuffer hashes = table.read(first, count);
            for (int i = 0; i < count; i++) {
                long end = Math.min((first + i + 1) * BlockHasher.BLOCK_BYTES, extent.end());
                boolean zero = hashes.getLong() == 0 & hashes.getLong() == 0 && first + i < table.filled();
                if (zero) {
                    say(runStart, at);
                    equalBytes += end - at;
                    runStart = end;
                }
                at = end;
            }
        }
        say(runStart, extent.end());
    }

    private void say(long from, long end) throws IOException {
        if (from < end) {
            consumer.accept(CapturePiece.zero(new Extent(from, end - from)));
        }
    }

    /** What was walked. */
    long bytes() {
        return bytes;
    }

    /** Of that, what is zero at the target, too. */
    long equalBytes() {
        return equalBytes;
    }
}
