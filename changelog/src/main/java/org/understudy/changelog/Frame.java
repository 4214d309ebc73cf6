package org.understudy.changelog;

import java.nio.ByteBuffer;
import org.understudy.model.Extent;

/** One extent of the disk and what it holds after the log's position (before it, in an undo log). */
public sealed interface Frame {
    /** Where in the disk. */
    Extent extent();

    /**
     * Content, decoded: as many bytes remain as the extent is long, at most 1 MiB. The buffer is direct, read-only, and
     * valid until the reader's next call.
     */
    record Data(Extent extent, ByteBuffer bytes) implements Frame {
    }

    /** Zeroes, at most 1 GiB. */
    record Zero(Extent extent) implements Frame {
    }
}
