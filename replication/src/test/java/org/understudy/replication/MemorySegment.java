package org.understudy.replication;

import java.io.ByteArrayInputStream;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.util.Arrays;
import java.util.Random;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.LogPosition;

/** A segment in memory whose bytes follow from its disk and position, so that any end can say what they must be. */
public record MemorySegment(DiskName disk, LogPosition position, ByteCount length) implements Segment {
    /** The bytes that a replica must hold of it. */
    public byte[] bytes() {
        byte[] bytes = new byte[Math.toIntExact(length.bytes())];
        new Random(disk.hashCode() * 31L + position.hashCode()).nextBytes(bytes);
        return bytes;
    }

    @Override
    public long capture() {
        return position.hashCode();
    }

    @Override
    public ReadableByteChannel openAt(long offset) {
        byte[] bytes = bytes();
        return Channels.newChannel(
                new ByteArrayInputStream(Arrays.copyOfRange(bytes, Math.toIntExact(offset), bytes.length)));
    }
}
