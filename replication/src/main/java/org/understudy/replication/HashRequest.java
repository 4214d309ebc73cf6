package org.understudy.replication;

import java.util.Objects;
import java.util.UUID;
import org.understudy.model.DiskName;
import org.understudy.model.LogPosition;

/**
 * Asks what the target holds of some blocks of a disk, as hashes: 16 bytes for each block of 64 KiB, made with a key
 * that both ends alone know.
 *
 * @param position at which the target stands, with all of it applied; at any other the answer would mean nothing
 * @param key drawn by the source for this comparison
 * @param firstBlock the first block, from the start of the disk
 * @param blocks how many; 1 to {@link #BLOCKS_MAX}
 */
public record HashRequest(LogPosition position, DiskName disk, UUID key, long firstBlock, int blocks) {
    /** 256 MiB of a disk: a second or two of reading at the target, and an answer of 64 KiB. */
    public static final int BLOCKS_MAX = 4096;

    public HashRequest {
        Objects.requireNonNull(position, "position");
        Objects.requireNonNull(disk, "disk");
        Objects.requireNonNull(key, "key");
        if (firstBlock < 0 || blocks < 1 || blocks > BLOCKS_MAX || firstBlock > Long.MAX_VALUE - blocks) {
            throw new IllegalArgumentException(
                    "blocks " + firstBlock + " and " + blocks + " more are no range to compare");
        }
    }
}
