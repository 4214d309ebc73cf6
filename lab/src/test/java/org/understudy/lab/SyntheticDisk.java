package org.understudy.lab;

import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/** A disk of the lab guest in memory, by the specification in lab/README.md, with damage where a test wants it. */
final class SyntheticDisk {
    private static final int SLOTS_AFTER = 1 << 20;
    private static final long SLOTS = 64;

    private final int disk;
    private final long slots;
    private final Map<Long, byte[]> blocks = new HashMap<>();
    private int previous;

    private SyntheticDisk(int disk, long slots) {
        this.disk = disk;
        this.slots = slots;
    }

    static SyntheticDisk unwritten(int disk) {
        return new SyntheticDisk(disk, SLOTS);
    }

    /** Records 1..last of boot 0. */
    static SyntheticDisk with(int disk, long last) {
        SyntheticDisk synthetic = unwritten(disk).formatted();
        for (long number = 1; number <= last; number++) {
            synthetic.append(number, 0);
        }
        return synthetic;
    }

    SyntheticDisk formatted() {
        ByteBuffer header = ByteBuffer.allocate(GuestArea.BLOCK);
        header.putLong(0, GuestArea.HEADER_MAGIC).putInt(8, 1).putInt(12, disk);
        header.putLong(16, slotsAt()).putLong(24, slots);
        header.put(48, "web01".getBytes(StandardCharsets.US_ASCII));
        put(GuestArea.headerAt(disk), header);
        return this;
    }

    SyntheticDisk append(long number, int boot) {
        ByteBuffer block = ByteBuffer.allocate(GuestArea.BLOCK);
        new Random(number).nextBytes(block.array());
        block.putLong(0, GuestArea.RECORD_MAGIC).putLong(8, number).putLong(16, 1).putLong(24, boot);
        block.putLong(32, 1_000_000 * number).putInt(40, previous).putInt(44, 0);
        previous = put(at(number), block);
        return this;
    }

    /** The write of a record that reached the disk in part: new bytes in front, what was there behind. */
    SyntheticDisk tear(long number, int bytes) {
        byte[] before = blocks.getOrDefault(at(number), new byte[GuestArea.BLOCK]).clone();
        append(number, 0);
        System.arraycopy(blocks.get(at(number)), 0, before, 0, bytes);
        blocks.put(at(number), before);
        return this;
    }

    SyntheticDisk flip(long number, int at) {
        blocks.get(at(number))[at] ^= 1;
        return this;
    }

    SyntheticDisk damageHeader() {
        blocks.get(GuestArea.headerAt(disk))[100] ^= 1;
        return this;
    }

    SyntheticDisk forget(long number) {
        blocks.remove(at(number));
        return this;
    }

    SeekableByteChannel channel() {
        return new Channel();
    }

    private int put(long at, ByteBuffer block) {
        int checksum = GuestArea.checksum(block, 0);
        block.putInt(GuestArea.CHECKSUM_AT, checksum);
        blocks.put(at, block.array());
        return checksum;
    }

    private long slotsAt() {
        return GuestArea.headerAt(disk) + SLOTS_AFTER;
    }

    private long at(long number) {
        return slotsAt() + (number - 1) % slots * GuestArea.BLOCK;
    }

    /** Reads whole blocks; what was never written is zero. */
    private final class Channel implements SeekableByteChannel {
        private long position;

        @Override
        public int read(ByteBuffer into) {
            byte[] block = blocks.getOrDefault(position - position % GuestArea.BLOCK, new byte[GuestArea.BLOCK]);
            int from = (int) (position % GuestArea.BLOCK);
            int count = Math.min(into.remaining(), GuestArea.BLOCK - from);
            into.put(block, from, count);
            position += count;
            return count;
        }

        @Override
        public long size() {
            return slotsAt() + slots * GuestArea.BLOCK;
        }

        @Override
        public long position() {
            return position;
        }

        @Override
        public SeekableByteChannel position(long to) {
            position = to;
            return this;
        }

        @Override
        public int write(ByteBuffer from) {
            throw new UnsupportedOperationException("a verifier writes nothing");
        }

        @Override
        public SeekableByteChannel truncate(long size) {
            throw new UnsupportedOperationException("a verifier writes nothing");
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }
}
