package org.understudy.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.understudy.model.ByteCount;
import org.understudy.model.Extent;

/**
 * A disk of fixed size that is read and written at any byte: the seam between what a disk means and where it
 * lies.
 *
 * <p><b>Ranges.</b> Every range must lie inside {@code [0, size)}; one that does not is refused with
 * {@link IllegalArgumentException} and touches nothing. An empty buffer is a read or write of nothing.
 *
 * <p><b>Order.</b> A read that begins after a write or zero returned sees it. Of two writes at work at once on the same
 * bytes either may win; nothing is said about which.
 *
 * <p><b>Durability.</b> What was written or zeroed before {@link #flush()} was called is on stable storage when it
 * returns; before that a power cut may lose any part of it.
 *
 * <p><b>Threads.</b> Any number of threads. An interrupt may close the device, as it does a file channel.
 *
 * <p><b>Errors.</b> An {@link IOException} says that the range may be in any state; the device can still be closed.
 */
public interface BlockDevice extends AutoCloseable {
    /** The size, fixed for the life of this object. */
    ByteCount size();

    /** Reads until {@code target} is full; its position becomes its limit. */
    void read(long offset, ByteBuffer target) throws IOException;

    /** Writes all that remains in {@code source}; its position becomes its limit. */
    void write(long offset, ByteBuffer source) throws IOException;

    /** Makes the extent read as zeroes, and gives its space back where the storage can. */
    void zero(Extent extent) throws IOException;

    /**
     * The parts of {@code within} that may hold something else than zeroes, ascending, in the storage's own
     * granularity; the rest reads as zeroes. All of it where the storage does not tell.
     */
    default List<Extent> allocated(Extent within) throws IOException {
        requireInside(within.offset(), within.length());
        return List.of(within);
    }

    /** Makes everything written so far durable. */
    void flush() throws IOException;

    /** Releases the device; does not flush. Closing twice does nothing. */
    @Override
    void close() throws IOException;

    /** Refuses a range outside the device; for implementations. */
    default void requireInside(long offset, long length) {
        if (offset < 0 || length < 0 || offset > size().bytes() - length) {
            throw new IllegalArgumentException("range at %d of %d bytes lies outside the disk of %d bytes"
                    .formatted(offset, length, size().bytes()));
        }
    }
}
