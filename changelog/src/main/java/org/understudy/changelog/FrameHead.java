package org.understudy.changelog;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.understudy.model.Extent;

/** The 24 bytes before a frame's stored bytes, checked field by field. */
record FrameHead(byte kind, byte codec, Extent extent, int storedLength, int checksum) {
    private static final int CHECKSUM_AT = 20;

    /** Writes a frame's head in front of stored bytes: the checksum is over both. */
    static void encode(ByteBuffer target, byte kind, byte codec, Extent extent, ByteBuffer stored) {
        int start = target.position();
        target.put(kind).put(codec).putShort((short) 0).putInt((int) extent.length()).putLong(extent.offset());
        target.putInt(stored.remaining());
        CRC32C crc = new CRC32C();
        crc.update(target.duplicate().position(start).limit(start + CHECKSUM_AT));
        crc.update(stored.duplicate());
        target.putInt((int) crc.getValue());
    }

    /**
     * Reads a head; every length in it is bounded by the format on return, though the checksum is not verified yet.
     *
     * @param at the offset of the head in the file, for messages
     */
    static FrameHead decode(String log, long at, ByteBuffer head) throws ChangeLogException {
        int start = head.position();
        byte kind = head.get(start);
        byte codec = head.get(start + 1);
        long length = Integer.toUnsignedLong(head.getInt(start + 4));
        long offset = head.getLong(start + 8);
        long stored = Integer.toUnsignedLong(head.getInt(start + 16));
        if (kind != LogFormat.KIND_DATA && kind != LogFormat.KIND_ZERO) {
            throw ChangeLogException.corrupt(log, at, "kind of frame", "1, 2 or 3", Byte.toUnsignedInt(kind));
        }
        boolean data = kind == LogFormat.KIND_DATA;
        if (codec != LogFormat.CODEC_PLAIN && !(data && codec == LogFormat.CODEC_ZSTD)) {
            throw ChangeLogException.corrupt(log, at + 1, "codec", data ? "0 or 1" : "0", Byte.toUnsignedInt(codec));
        }
        if (head.getShort(start + 2) != 0) {
            throw ChangeLogException.corrupt(log, at + 2, "reserved", 0, head.getShort(start + 2));
        }
        int lengthMax = data ? LogFormat.DATA_LENGTH_MAX : LogFormat.ZERO_LENGTH_MAX;
        if (length < 1 || length > lengthMax) {
            throw ChangeLogException.corrupt(log, at + 4, "length of frame", "1 to " + lengthMax, length);
        }
        if (offset < 0 || offset > Long.MAX_VALUE - length) {
            throw ChangeLogException.corrupt(log, at + 8, "offset of frame", "0 to the disk size",
                    Long.toUnsignedString(offset));
        }
        checkStored(log, at + 16, codec, data ? length : 0, stored);
        return new FrameHead(kind, codec, new Extent(offset, length), (int) stored, head.getInt(start + CHECKSUM_AT));
    }

    private static void checkStored(String log, long at, byte codec, long length, long stored)
            throws ChangeLogException {
        boolean right = codec == LogFormat.CODEC_ZSTD ? stored >= 1 && stored < length : stored == length;
        if (!right) {
            throw ChangeLogException.corrupt(log, at, "stored length",
                    codec == LogFormat.CODEC_ZSTD ? "1 to " + (length - 1) : length, stored);
        }
    }

    /** Starts the frame's checksum with the head; the stored bytes are still to be added. */
    static CRC32C checksumOf(ByteBuffer head) {
        CRC32C crc = new CRC32C();
        crc.update(head.duplicate().limit(head.position() + CHECKSUM_AT));
        return crc;
    }
}
