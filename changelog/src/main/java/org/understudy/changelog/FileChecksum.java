package org.understudy.changelog;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/**
 * The CRC-32C over a whole file that can be gone on with from a value alone: what was read before need not be read
 * again.
 */
final class FileChecksum implements Checksum {
    /** The polynomial 0x1EDC6F41 of CRC-32C, its bits in the order in which the checksum has them. */
    private static final int POLYNOMIAL = 0x82F63B78;

    private final CRC32C behind = new CRC32C();
    private final int before;
    private long behindBytes;

    /** @param before the checksum of everything that came before; 0 when nothing did */
    FileChecksum(int before) {
        this.before = before;
    }

    @Override
    public void update(int oneByte) {
        behind.update(oneByte);
        behindBytes++;
    }

    @Override
    public void update(byte[] bytes, int offset, int length) {
        behind.update(bytes, offset, length);
        behindBytes += length;
    }

    @Override
    public void update(ByteBuffer bytes) {
        behindBytes += bytes.remaining();
        behind.update(bytes);
    }

    @Override
    public long getValue() {
        int value = (int) behind.getValue();
        return Integer.toUnsignedLong(before == 0 ? value : joined(before, value, behindBytes));
    }

    @Override
    public void reset() {
        throw new UnsupportedOperationException("a file is read once");
    }

    /**
     * The checksum of two pieces that follow each other. Appending a zero bit multiplies the state by a 32x32 matrix
     * over GF(2); the matrix for many zeroes comes from squaring, as zlib does it.
     */
    private static int joined(int first, int second, long secondBytes) {
        int[] odd = new int[Integer.SIZE];
        odd[0] = POLYNOMIAL;
        for (int bit = 1; bit < odd.length; bit++) {
            odd[bit] = 1 << (bit - 1);
        }
        int[] matrix = square(square(square(odd)));
        int state = first;
        for (long left = secondBytes; left != 0; left >>>= 1) {
            if ((left & 1) != 0) {
                state = times(matrix, state);
            }
            matrix = square(matrix);
        }
        return state ^ second;
    }

    private static int[] square(int[] matrix) {
        int[] squared = new int[matrix.length];
        for (int bit = 0; bit < matrix.length; bit++) {
            squared[bit] = times(matrix, matrix[bit]);
        }
        return squared;
    }

    private static int times(int[] matrix, int vector) {
        int sum = 0;
        int left = vector;
        for (int bit = 0; left != 0; bit++) {
            if ((left & 1) != 0) {
                sum ^= matrix[bit];
            }
            left >>>= 1;
        }
        return sum;
    }
}
