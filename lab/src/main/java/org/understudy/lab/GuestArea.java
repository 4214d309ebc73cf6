package org.understudy.lab;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The bytes that a lab guest writes to its disks: one header and a ring of slots on each, big-endian, blocks of 4096.
 *
 * <p>{@code lab/README.md} is the specification. Record n lies in slot (n - 1) mod slots.
 */
final class GuestArea {
    static final int BLOCK = 4096;
    static final long HEADER_MAGIC = 0x5553475545535441L; // USGUESTA
    static final long RECORD_MAGIC = 0x55535245434f5244L; // USRECORD
    static final int CHECKSUM_AT = BLOCK - 4;

    private static final int VERSION = 1;
    private static final int NAME_AT = 48;
    private static final int NAME_LENGTH = 64;
    private static final long SLOTS_MAX = 1L << 24;

    private GuestArea() {
    }

    /** Where the header of a disk lies: behind the boot partition of disk 1, at the start of disk 2. */
    static long headerAt(int disk) {
        return disk == 1 ? 33L << 20 : 0;
    }

    /** What a disk says of its ring; {@code slotsAt} in bytes from the start of the disk. */
    record Header(int disk, long slotsAt, long slots, String guest) {
    }

    /** What a slot holds; exactly one of the three. */
    sealed interface Slot {
        /** All zeros. */
        record Empty() implements Slot {
        }

        /** A record whose checksum holds; {@code micros} is the guest's wall clock, since 1970. */
        record Whole(long number, UUID bootId, long micros, int previousChecksum, int checksum) implements Slot {
        }

        /** Anything else: a record half written, or damage. */
        record Torn() implements Slot {
        }
    }

    /** Empty where the block is all zeros: the guest has not begun. */
    static Optional<Header> readHeader(SeekableByteChannel channel, int disk) throws IOException {
        if (channel.size() < headerAt(disk) + BLOCK) {
            throw new IOException("disk " + disk + ": its " + channel.size() + " bytes end before the header");
        }
        ByteBuffer block = read(channel, headerAt(disk), BLOCK);
        if (isZero(block, 0)) {
            return Optional.empty();
        }
        if (block.getLong(0) != HEADER_MAGIC || checksum(block, 0) != block.getInt(CHECKSUM_AT)) {
            throw new IOException("disk " + disk + ": the header at " + headerAt(disk) + " is damaged");
        }
        if (block.getInt(8) != VERSION) {
            throw new IOException("disk " + disk + ": header version " + block.getInt(8) + ", expected " + VERSION);
        }
        Header header = new Header(block.getInt(12), block.getLong(16), block.getLong(24), name(block));
        if (header.slots() < 1 || header.slots() > SLOTS_MAX
                || header.slotsAt() < 0 || header.slotsAt() > channel.size() - header.slots() * BLOCK) {
            throw new IOException("disk " + disk + ": " + header + " does not fit a disk of " + channel.size());
        }
        return Optional.of(header);
    }

    /** The slot that begins at {@code at} of a buffer. */
    static Slot slot(ByteBuffer buffer, int at) {
        if (buffer.getLong(at) == RECORD_MAGIC && checksum(buffer, at) == buffer.getInt(at + CHECKSUM_AT)) {
            return new Slot.Whole(buffer.getLong(at + 8), new UUID(buffer.getLong(at + 16), buffer.getLong(at + 24)),
                    buffer.getLong(at + 32), buffer.getInt(at + 40), buffer.getInt(at + CHECKSUM_AT));
        }
        return isZero(buffer, at) ? new Slot.Empty() : new Slot.Torn();
    }

    static ByteBuffer read(SeekableByteChannel channel, long at, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        channel.position(at);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new EOFException("the disk ends before " + (at + length));
            }
        }
        return buffer.flip();
    }

    static int checksum(ByteBuffer buffer, int at) {
        CRC32C crc = new CRC32C();
        crc.update(buffer.slice(at, CHECKSUM_AT));
        return (int) crc.getValue();
    }

    private static boolean isZero(ByteBuffer buffer, int at) {
        for (int i = 0; i < BLOCK; i += Long.BYTES) {
            if (buffer.getLong(at + i) != 0) {
                return false;
            }
        }
        return true;
    }

    private static String name(ByteBuffer block) {
        byte[] name = new byte[NAME_LENGTH];
        block.get(NAME_AT, name);
        return new String(name, StandardCharsets.US_ASCII).replaceFirst("\0.*", "");
    }
}
