package org.understudy.capture;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.understudy.disk.BlockHasher;
import org.understudy.model.Extent;

/** Compares what was read with what the target is known to hold. For one thread and one extent at a time. */
final class BlockComparer {
    private final BlockTable table;
    private final BlockHasher hasher;
    private final byte[] ofTarget = new byte[BlockHasher.HASH_BYTES];
    private long firstBlock;
    private ByteBuffer known = ByteBuffer.allocate(0);

    BlockComparer(BlockTable table) {
        this.table = table;
        this.hasher = new BlockHasher(table.key());
    }

    /** Fetches what is known of an extent. */
    void begin(Extent extent) throws IOException {
        firstBlock = extent.offset() / BlockHasher.BLOCK_BYTES;
        long end = Math.min(Math.ceilDiv(extent.end(), BlockHasher.BLOCK_BYTES), table.filled());
        known = table.read(firstBlock, (int) Math.max(0, end - firstBlock));
    }

    /** Whether the target holds just this block; false when that is not known. */
    boolean isEqual(long offset, ByteBuffer block) {
        int at = Math.toIntExact(offset / BlockHasher.BLOCK_BYTES - firstBlock) * BlockHasher.HASH_BYTES;
        if (at >= known.limit()) {
            return false;
        }
        known.get(at, ofTarget);
        return Arrays.equals(ofTarget, hasher.hash(block));
    }
}
