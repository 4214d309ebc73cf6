package org.understudy.simulation;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.understudy.model.DiskName;
import org.understudy.replication.HashAnswer;

/** The content of two small disks: each block is a number, and 0 is a block of zeroes. */
final class SimulatedDisks {
    static final int BLOCKS = 6;
    private static final int ENTRY_BYTES = Integer.BYTES + Long.BYTES;

    private final Map<DiskName, long[]> disks = new TreeMap<>((one, other) -> one.value().compareTo(other.value()));

    /** Two disks of zeroes. */
    SimulatedDisks() {
        SimulatedSource.DISKS.forEach(disk -> disks.put(disk, new long[BLOCKS]));
    }

    SimulatedDisks copy() {
        SimulatedDisks copy = new SimulatedDisks();
        disks.forEach((disk, blocks) -> copy.disks.put(disk, blocks.clone()));
        return copy;
    }

    long get(DiskName disk, int block) {
        return disks.get(disk)[block];
    }

    void set(DiskName disk, int block, long content) {
        disks.get(disk)[block] = content;
    }

    /** Adds a block to a log that is being made. */
    void write(DiskName disk, int block, ByteBuffer log) {
        log.putInt(block).putLong(get(disk, block));
    }

    /** Applies a log: a count of blocks, the blocks, and what means nothing. */
    void apply(DiskName disk, byte[] log) {
        ByteBuffer bytes = ByteBuffer.wrap(log);
        for (int left = bytes.getInt(); left > 0; left--) {
            set(disk, bytes.getInt(), bytes.getLong());
        }
    }

    static int logBytes(int blocks) {
        return Integer.BYTES + blocks * ENTRY_BYTES;
    }

    /** The hash of a block as both ends make it. */
    static byte[] hash(UUID key, long content) {
        byte[] hash = new byte[HashAnswer.HASH_BYTES];
        if (content != 0) {
            ByteBuffer.wrap(hash).putLong(content ^ key.getMostSignificantBits())
                    .putLong(31 * content + key.getLeastSignificantBits());
        }
        return hash;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SimulatedDisks disksToo && disks.keySet().stream()
                .allMatch(disk -> Arrays.equals(disks.get(disk), disksToo.disks.get(disk)));
    }

    @Override
    public int hashCode() {
        return disks.values().stream().mapToInt(Arrays::hashCode).sum();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        disks.forEach((disk, blocks) -> text.append(disk).append(Arrays.toString(blocks)));
        return text.toString();
    }
}
