package org.understudy.replication;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What tells one machine state from another: the SHA-256 of its bytes.
 *
 * @param hex 64 hexadecimal digits, lower case
 */
public record StateDigest(String hex) {
    /** So many bytes it has. */
    public static final int BYTES = 32;
    /** Of a machine that keeps nothing. */
    public static final StateDigest OF_NONE = of(new byte[0]);

    public StateDigest {
        if (hex.length() != 2 * BYTES || !hex.equals(HexFormat.of().formatHex(HexFormat.of().parseHex(hex)))) {
            throw new IllegalArgumentException("not the digest of a machine state: " + hex);
        }
    }

    /** Of these bytes. */
    public static StateDigest of(byte[] state) {
        try {
            return new StateDigest(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(state)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** As 32 bytes, to be read. */
    public ByteBuffer bytes() {
        return ByteBuffer.wrap(HexFormat.of().parseHex(hex));
    }

    @Override
    public String toString() {
        return hex.substring(0, 12);
    }
}
