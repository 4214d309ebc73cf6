package org.understudy.replication.wire;

import java.nio.channels.ReadableByteChannel;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.LogPosition;
import org.understudy.replication.MemorySegment;
import org.understudy.replication.Segment;

/** A segment that says to be longer than its bytes are: a file that somebody cut. */
record LongerSegment(MemorySegment cut) implements Segment {
    @Override
    public DiskName disk() {
        return cut.disk();
    }

    @Override
    public LogPosition position() {
        return cut.position();
    }

    @Override
    public long capture() {
        return cut.capture();
    }

    @Override
    public ByteCount length() {
        return cut.length().plus(new ByteCount(1));
    }

    @Override
    public ReadableByteChannel openAt(long offset) {
        return cut.openAt(offset);
    }
}
