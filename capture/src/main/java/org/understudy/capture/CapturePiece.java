package org.understudy.capture;

import org.understudy.model.Extent;

/**
 * A part of the disk that a capture has to do with.
 *
 * @param known zero: need not be read
 * @param zeroesMatter whether zeroes there must be said in the log
 * @param comparable whether what the target is known to hold there may be left out
 */
record CapturePiece(Extent extent, Known known, boolean zeroesMatter, boolean comparable) {
    /** What is known before reading. */
    enum Known { NOTHING, ZERO }

    static CapturePiece toRead(long offset, long end, boolean zeroesMatter) {
        return new CapturePiece(new Extent(offset, end - offset), Known.NOTHING, zeroesMatter, false);
    }

    /** Of whole blocks, but for the last of the disk. */
    static CapturePiece toCompare(long offset, long end) {
        return new CapturePiece(new Extent(offset, end - offset), Known.NOTHING, true, true);
    }

    static CapturePiece zero(Extent extent) {
        return new CapturePiece(extent, Known.ZERO, true, false);
    }

    /** A part of this one. */
    CapturePiece part(long offset, long end) {
        return new CapturePiece(new Extent(offset, end - offset), known, zeroesMatter, comparable);
    }
}
