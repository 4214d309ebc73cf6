package org.understudy.replica;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;
import org.understudy.model.DiskName;
import org.understudy.model.LogPosition;

/** What a source may ask of a replica that is not, or may not be, what the source takes it for. Safe for threads. */
public final class Divergence {
    final JournalDamage damage;
    private final DiskHashes hashes;

    Divergence(JournalDamage damage, DiskHashes hashes) {
        this.damage = damage;
        this.hashes = hashes;
    }

    /**
     * What the disks hold at a position, as hashes of their blocks made with a key; empty when they are not at it.
     *
     * @param blocks so many as the caller is ready to keep in memory, 16 bytes for each
     */
    public Optional<ByteBuffer> hashes(DiskName disk, LogPosition position, UUID key, long firstBlock, int blocks)
            throws IOException {
        return hashes.of(disk, position, key, firstBlock, blocks);
    }

    /** Gives up what was acknowledged after the position before a damage; only for a source that sends it anew. */
    public void goBackTo(LogPosition position) throws IOException {
        damage.giveUpAfter(position);
    }
}
