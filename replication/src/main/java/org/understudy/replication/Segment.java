package org.understudy.replication;

import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.LogPosition;

/**
 * One closed change log of one disk at one position, as shipping sees it: a length and bytes that never change.
 * The whole file is shipped as it lies, header, frames and footer.
 */
public interface Segment {
    /** The disk whose changes it holds. */
    DiskName disk();

    /** The position that the disk reaches when it is applied. */
    LogPosition position();

    /** What tells it from another capture of the same position, whose bytes are others. */
    long capture();

    /** The length of the whole log in bytes. */
    ByteCount length();

    /** Opens its bytes from {@code offset}, at most {@code length()}, to the end; the caller closes it. */
    ReadableByteChannel openAt(long offset) throws IOException;
}
