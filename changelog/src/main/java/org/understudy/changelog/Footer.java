package org.understudy.changelog;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/** The last 48 bytes of a closed log: the sums over it, and the proof that nothing is missing. */
final class Footer {
    private Footer() {
    }

    /** Encodes the footer; {@code file} is the checksum of the file so far and is brought up to date. */
    static ByteBuffer encode(FrameOrder sums, CRC32C file) {
        ByteBuffer bytes = ByteBuffer.allocate(LogFormat.FOOTER_BYTES);
        bytes.putLong((long) LogFormat.KIND_FOOTER << 56);
        bytes.putLong(sums.frames()).putLong(sums.dataBytes()).putLong(sums.zeroBytes());
        file.update(bytes.duplicate().flip());
        bytes.putInt((int) file.getValue()).putInt(0).putLong(~LogFormat.MAGIC);
        return bytes.flip();
    }

    /**
     * Checks a footer against what was read.
     *
     * @param at the offset of the footer in the file
     * @param file the checksum of all bytes before the footer; is brought up to date
     */
    static void check(String log, long at, ByteBuffer footer, FrameOrder sums, Checksum file)
            throws ChangeLogException {
        ByteBuffer bytes = footer.slice();
        expect(log, at, "head of the footer", (long) LogFormat.KIND_FOOTER << 56, bytes.getLong(0));
        expect(log, at + 8, "number of frames", sums.frames(), bytes.getLong(8));
        expect(log, at + 16, "data bytes", sums.dataBytes(), bytes.getLong(16));
        expect(log, at + 24, "zero bytes", sums.zeroBytes(), bytes.getLong(24));
        file.update(bytes.duplicate().limit(LogFormat.FOOTER_CHECKSUM_AT));
        int expected = bytes.getInt(LogFormat.FOOTER_CHECKSUM_AT);
        if ((int) file.getValue() != expected) {
            throw ChangeLogException.corrupt(log, at + LogFormat.FOOTER_CHECKSUM_AT, "checksum of the file",
                    LogFormat.hex(expected), LogFormat.hex((int) file.getValue()));
        }
        expect(log, at + 36, "reserved", 0, bytes.getInt(36));
        expect(log, at + 40, "end mark", ~LogFormat.MAGIC, bytes.getLong(40));
    }

    private static void expect(String log, long at, String what, long expected, long found)
            throws ChangeLogException {
        if (expected != found) {
            throw ChangeLogException.corrupt(log, at, what, expected, found);
        }
    }
}
