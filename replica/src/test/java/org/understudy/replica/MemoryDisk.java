package org.understudy.replica;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.understudy.disk.BlockDevice;
import org.understudy.model.ByteCount;
import org.understudy.model.Extent;

/** A disk in memory. */
final class MemoryDisk implements BlockDevice {
    private final byte[] bytes;

    MemoryDisk(byte[] bytes) {
        this.bytes = bytes;
    }

    byte[] bytes() {
        return bytes;
    }

    @Override
    public ByteCount size() {
        return new ByteCount(bytes.length);
    }

    @Override
    public void read(long offset, ByteBuffer target) {
        requireInside(offset, target.remaining());
        target.put(bytes, (int) offset, target.remaining());
    }

    @Override
    public void write(long offset, ByteBuffer source) {
        requireInside(offset, source.remaining());
        source.get(bytes, (int) offset, source.remaining());
    }

    @Override
    public void zero(Extent extent) {
        requireInside(extent.offset(), extent.length());
        Arrays.fill(bytes, (int) extent.offset(), (int) extent.end(), (byte) 0);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}
