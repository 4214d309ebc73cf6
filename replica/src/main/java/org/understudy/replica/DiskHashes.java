package org.understudy.replica;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.understudy.disk.BlockDevice;
import org.understudy.disk.BlockHasher;
import org.understudy.model.DiskName;
import org.understudy.model.Extent;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;

/**
 * Tells what the disks hold as hashes of their blocks, while they are what the acknowledged position says and nothing
 * else: so long no later position has been taken in, and whoever compares with them may leave out what is equal. Holes
 * are told without being read. Safe for threads; takes a turn for 64 MiB at a time, so that no branch waits long.
 */
final class DiskHashes {
    private static final int BLOCKS_IN_A_TURN = 1024;

    private final ReplicaSpec spec;
    private final ReplicaStore store;
    private final StateFile state;
    private final DiskTurns turns;

    DiskHashes(ReplicaSpec spec, ReplicaStore store, StateFile state, DiskTurns turns) {
        this.spec = spec;
        this.store = store;
        this.state = state;
        this.turns = turns;
    }

    /**
     * The hashes of some blocks at a position; empty when the disks are not at it, or not yet.
     *
     * @param blocks so many as the caller is ready to keep in memory, 16 bytes for each
     */
    Optional<ByteBuffer> of(DiskName disk, LogPosition position, UUID key, long firstBlock, int blocks)
            throws IOException {
        long all = spec.disks().stream().filter(known -> known.name().equals(disk))
                .mapToLong(known -> BlockHasher.blocks(known.size().bytes())).sum();
        if (firstBlock < 0 || blocks < 1 || firstBlock > all - blocks) {
            throw FailureException.of(FailureCode.REQUEST_INVALID, "Disk " + disk + " of " + spec.vmName() + " has "
                    + all + " blocks, not " + blocks + " from " + firstBlock + " on.",
                    "Check that the disk has one size at both ends.");
        }
        BlockHasher hasher = new BlockHasher(key);
        ByteBuffer hashes = ByteBuffer.allocate(blocks * BlockHasher.HASH_BYTES);
        ByteBuffer block = ByteBuffer.allocateDirect(BlockHasher.BLOCK_BYTES);
        for (int done = 0; done < blocks; done += BLOCKS_IN_A_TURN) {
            int count = Math.min(BLOCKS_IN_A_TURN, blocks - done);
            try (DiskTurns.Turn _ = turns.take()) {
                turns.requireOpen();
                if (!areAt(position)) {
                    return Optional.empty();
                }
                hash(store.disk(disk), firstBlock + done, count, hasher, block, hashes);
            }
        }
        return Optional.of(hashes.flip());
    }

    private boolean areAt(LogPosition position) {
        ReplicaState now = state.current();
        // An adopted image is closed while a branch stands on it: its VM has it open.
        boolean closed = store.can(ReplicaStore.Ability.IS_ADOPTED) && !store.branches().isEmpty();
        return !closed && !now.committed() && now.upToDate() && now.acknowledged().position().equals(position);
    }

    private static void hash(BlockDevice device, long firstBlock, int count, BlockHasher hasher, ByteBuffer block,
            ByteBuffer hashes) throws IOException {
        long start = firstBlock * BlockHasher.BLOCK_BYTES;
        long end = Math.min(start + (long) count * BlockHasher.BLOCK_BYTES, device.size().bytes());
        List<Extent> allocated = device.allocated(new Extent(start, end - start));
        int next = 0;
        for (long at = start; at < end; at += block.limit()) {
            block.clear().limit((int) Math.min(BlockHasher.BLOCK_BYTES, end - at));
            while (next < allocated.size() && allocated.get(next).end() <= at) {
                next++;
            }
            if (next == allocated.size() || allocated.get(next).offset() >= at + block.limit()) {
                hashes.putLong(0).putLong(0);
            } else {
                device.read(at, block);
                hasher.hash(block.flip(), hashes);
            }
        }
    }
}
