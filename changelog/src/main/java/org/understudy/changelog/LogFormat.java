package org.understudy.changelog;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.understudy.model.ByteCount;
import org.understudy.model.Consistency;
import org.understudy.model.DiskName;
import org.understudy.model.LogPosition;
import org.understudy.model.VmId;

/** The numbers of the format and the header's bytes; the tables are in this package's description. */
final class LogFormat {
    static final long MAGIC = 0x89_48_52_4C_0D_0A_1A_0AL;
    static final int VERSION = 1;
    static final int HEADER_PREFIX_BYTES = 12;
    static final int HEADER_BYTES = 104;
    static final int HEADER_BYTES_MIN = 16;
    static final int HEADER_BYTES_MAX = 4096;
    static final int FRAME_HEAD_BYTES = 24;
    static final int FOOTER_BYTES = 48;
    static final int FOOTER_CHECKSUM_AT = 32;
    static final int CHECKSUM_BYTES = 4;

    static final byte KIND_DATA = 1;
    static final byte KIND_ZERO = 2;
    static final byte KIND_FOOTER = 3;
    static final byte CODEC_PLAIN = 0;
    static final byte CODEC_ZSTD = 1;

    static final int DATA_LENGTH_MAX = 1 << 20;
    static final int ZERO_LENGTH_MAX = 1 << 30;

    private static final int DISK_NAME_AT = 14;
    private static final int DISK_NAME_BYTES = 16;
    private static final int VM_AT = 32;

    private LogFormat() {
    }

    /** The checksum of what remains in {@code bytes}, which stays as it is. */
    static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate());
        return (int) crc.getValue();
    }

    /** The header's 104 bytes, ready to be written. */
    static ByteBuffer encode(ChangeLogHeader header) {
        byte[] disk = header.disk().value().getBytes(StandardCharsets.US_ASCII);
        ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES);
        bytes.putLong(MAGIC).putShort((short) VERSION).putShort((short) HEADER_BYTES);
        bytes.put(codeOf(header.consistency())).put((byte) disk.length).put(disk).position(VM_AT);
        bytes.putLong(header.vm().value().getMostSignificantBits());
        bytes.putLong(header.vm().value().getLeastSignificantBits());
        bytes.putLong(header.position().generation()).putLong(header.position().sequence());
        bytes.putLong(header.previousSequence());
        bytes.putLong(header.diskSize().bytes()).putLong(header.covered().bytes());
        bytes.putLong(header.capturedAt().getEpochSecond()).putInt(header.capturedAt().getNano());
        bytes.putInt(checksum(bytes.duplicate().flip()));
        return bytes.flip();
    }

    /** The checksum at the end of a header. */
    static int checksumOf(ChangeLogHeader header) {
        return encode(header).getInt(HEADER_BYTES - CHECKSUM_BYTES);
    }

    /** How long the header is, from its first {@link #HEADER_PREFIX_BYTES} bytes. */
    static int headerLength(String log, ByteBuffer prefix) throws ChangeLogException {
        long magic = prefix.getLong(prefix.position());
        if (magic != MAGIC) {
            throw ChangeLogException.corrupt(log, 0, "magic", hex(MAGIC), hex(magic));
        }
        int length = Short.toUnsignedInt(prefix.getShort(prefix.position() + 10));
        if (length < HEADER_BYTES_MIN || length > HEADER_BYTES_MAX) {
            throw ChangeLogException.corrupt(log, 10, "header length", HEADER_BYTES_MIN + " to " + HEADER_BYTES_MAX,
                    length);
        }
        return length;
    }

    /** Reads a whole header, whose length {@link #headerLength} told. */
    static ChangeLogHeader decodeHeader(String log, ByteBuffer source) throws ChangeLogException {
        ByteBuffer bytes = source.slice();
        int end = bytes.limit() - CHECKSUM_BYTES;
        int expected = bytes.getInt(end);
        int found = checksum(bytes.duplicate().limit(end));
        if (found != expected) {
            throw ChangeLogException.corrupt(log, end, "checksum of the header", hex(expected), hex(found));
        }
        // The checksum is right, so another version is meant, not damage.
        int version = Short.toUnsignedInt(bytes.getShort(8));
        if (version != VERSION) {
            throw new ChangeLogException(
                    version > VERSION ? ChangeLogException.Reason.TOO_NEW : ChangeLogException.Reason.TOO_OLD, log, 8,
                    "format version: expected %d, found %d".formatted(VERSION, version));
        }
        if (bytes.limit() != HEADER_BYTES) {
            throw ChangeLogException.corrupt(log, 10, "header length of version 1", HEADER_BYTES, bytes.limit());
        }
        return decodeFields(log, bytes);
    }

    private static ChangeLogHeader decodeFields(String log, ByteBuffer bytes) throws ChangeLogException {
        try {
            int diskLength = Byte.toUnsignedInt(bytes.get(13));
            if (diskLength > DISK_NAME_BYTES) {
                throw new IllegalArgumentException("a disk name of " + diskLength + " bytes");
            }
            byte[] disk = new byte[diskLength];
            bytes.get(DISK_NAME_AT, disk);
            return new ChangeLogHeader(
                    new VmId(new UUID(bytes.getLong(VM_AT), bytes.getLong(VM_AT + 8))),
                    new DiskName(new String(disk, StandardCharsets.ISO_8859_1)),
                    new LogPosition(bytes.getLong(48), bytes.getLong(56)), bytes.getLong(64),
                    new ByteCount(bytes.getLong(72)), new ByteCount(bytes.getLong(80)),
                    Instant.ofEpochSecond(bytes.getLong(88), bytes.getInt(96)), consistencyOf(bytes.get(12)));
        } catch (IllegalArgumentException | DateTimeException | ArithmeticException e) {
            // The checksum is right: whoever wrote it wrote nonsense.
            throw ChangeLogException.corrupt(log, HEADER_PREFIX_BYTES, "header", "legal fields", e.getMessage());
        }
    }

    static String hex(int value) {
        return "%08x".formatted(value);
    }

    private static String hex(long value) {
        return "%016x".formatted(value);
    }

    private static byte codeOf(Consistency consistency) {
        return switch (consistency) {
            case PARTIAL -> 0;
            case CRASH -> 1;
            case APPLICATION -> 2;
        };
    }

    private static Consistency consistencyOf(byte code) {
        return switch (code) {
            case 0 -> Consistency.PARTIAL;
            case 1 -> Consistency.CRASH;
            case 2 -> Consistency.APPLICATION;
            default -> throw new IllegalArgumentException("consistency " + code + " is not known");
        };
    }
}
