package org.understudy.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.understudy.model.ByteCount;
import org.understudy.model.Extent;

/**
 * One disk as it was at a point in time, the way a cycle reads it: what it holds, what of it is zero, and what changed
 * since the point before. Whatever can show this can be a source: a disk that QEMU serves over NBD is the
 * first.
 *
 * <p><b>One instant.</b> All that it tells is of that instant, however long it is open and whatever the guest writes.
 *
 * <p><b>Ranges.</b> Must lie inside {@code [0, size)}; others are refused with {@link IllegalArgumentException}.
 *
 * <p><b>Memory.</b> Lists are asked for as they are iterated, and each iterator asks anew: none is as long as the disk.
 *
 * <p><b>Threads.</b> Any number.
 *
 * <p><b>Errors.</b> {@link IOException}, while a list is iterated {@link java.io.UncheckedIOException}.
 */
public interface CaptureDisk extends AutoCloseable {
    /** The size, fixed for the life of this object. */
    ByteCount size();

    /** Reads until {@code target} is full; its position becomes its limit. */
    void read(long offset, ByteBuffer target) throws IOException;

    /** All of the extent in parts, ascending, without gaps; with a part that may be either, it is content. */
    Iterable<Part> parts(Extent within);

    /** Whether it is known what changed since the point before. */
    boolean knowsChanges();

    /**
     * What of the extent was written since the point before, or may have been, ascending and apart.
     *
     * @throws IllegalStateException unless it {@link #knowsChanges}
     */
    Iterable<Extent> changed(Extent within);

    /** Lets go of it; closing twice does nothing. */
    @Override
    void close() throws IOException;

    /**
     * A part of a disk.
     *
     * @param zero it reads as zeroes, so that nobody has to read it
     */
    record Part(Extent extent, boolean zero) {}
}
