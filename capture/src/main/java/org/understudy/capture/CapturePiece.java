package org.understudy.capture;

import org.understudy.model.Extent;

/**
 * A part of the disk that a capture has to do with.
 *
 * @param known zero: need not be read
 * @param zeroesMatter whether zeroes there must be said in the log
 */
record CapturePiece(Extent extent, Known known, boolean zeroesMatter) {
    /** What is known before reading. */
    enum Known { NOTHING, ZERO }

    static CapturePiece toRead(long offset, long end, boolean zeroesMatter) {
        return new CapturePiece(new Extent(offset, end - offset), Known.NOTHING, zeroesMatter);
    }

    static CapturePiece zero(Extent extent) {
        return new CapturePiece(extent, Known.ZERO, true);
    }
}
