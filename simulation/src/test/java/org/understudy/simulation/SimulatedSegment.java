package org.understudy.simulation;

import java.io.ByteArrayInputStream;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.util.Arrays;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.LogPosition;
import org.understudy.replication.Segment;

/** A closed change log of the simulated source; its bytes say which capture wrote it. */
record SimulatedSegment(DiskName disk, LogPosition position, byte[] bytes) implements Segment {
    @Override
    public long capture() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public ByteCount length() {
        return new ByteCount(bytes.length);
    }

    @Override
    public ReadableByteChannel openAt(long offset) {
        int from = Math.toIntExact(offset);
        return Channels.newChannel(new ByteArrayInputStream(bytes, from, bytes.length - from));
    }
}
