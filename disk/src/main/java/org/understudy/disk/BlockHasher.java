package org.understudy.disk;

import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.UUID;

/**
 * The hash by which two hosts find out which blocks of a disk differ without sending them: 128 bits of SHA-256 over a
 * key and the block's bytes. A block that is all zeroes has the hash of sixteen zero bytes, whatever the key, so that a
 * hole needs no reading.
 *
 * <p>The key is drawn anew for each comparison and known to the two hosts alone: a guest, which writes what is hashed,
 * cannot make two blocks of one hash. Threads: one at a time.
 */
public final class BlockHasher {
    /** How much is hashed as one: what is zeroed and compared as a block everywhere in the data plane. */
    public static final int BLOCK_BYTES = 64 << 10;
    public static final int HASH_BYTES = 16;

    private static final int SHA_256_BYTES = 32;
    private static final ByteBuffer ZEROES = ByteBuffer.allocateDirect(BLOCK_BYTES).asReadOnlyBuffer();

    private final MessageDigest digest;
    private final byte[] key;
    private final byte[] whole = new byte[SHA_256_BYTES];

    /** @param key of 122 random bits, as {@link UUID#randomUUID} draws it */
    public BlockHasher(UUID key) {
        this.key = ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(key.getMostSignificantBits()).putLong(key.getLeastSignificantBits()).array();
        try {
            this.digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    /** How many blocks a disk has; the last may be shorter. */
    public static long blocks(long diskBytes) {
        return Math.ceilDiv(diskBytes, BLOCK_BYTES);
    }

    /** Takes what remains in {@code block}, at most {@link #BLOCK_BYTES}, and puts its hash into {@code hash}. */
    public void hash(ByteBuffer block, ByteBuffer hash) {
        if (isZero(block)) {
            block.position(block.limit());
            hash.putLong(0).putLong(0);
            return;
        }
        digest.update(key);
        digest.update(block);
        try {
            digest.digest(whole, 0, whole.length);
        } catch (DigestException e) {
            throw new IllegalStateException("a digest of SHA-256 has " + SHA_256_BYTES + " bytes", e);
        }
        hash.put(whole, 0, HASH_BYTES);
    }

    /** The hash of a block, as an array of its own. */
    public byte[] hash(ByteBuffer block) {
        byte[] hash = new byte[HASH_BYTES];
        hash(block, ByteBuffer.wrap(hash));
        return hash;
    }

    /** Whether a hash is that of zeroes. */
    public static boolean isOfZeroes(byte[] hash) {
        return Arrays.equals(hash, new byte[HASH_BYTES]);
    }

    private static boolean isZero(ByteBuffer block) {
        return block.slice().mismatch(ZEROES.slice(0, block.remaining())) < 0;
    }
}
