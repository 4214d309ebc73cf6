package org.understudy.nbd;

import org.understudy.model.Extent;

/**
 * What a server says of an extent in one meta context; the flags mean something in that context alone.
 *
 * @param flags as the server sent them
 */
public record BlockStatus(Extent extent, int flags) {
    /** The meta context of holes and zeroes. */
    public static final String BASE_ALLOCATION = "base:allocation";

    /** What the names of QEMU's dirty bitmaps begin with. */
    public static final String DIRTY_BITMAP_PREFIX = "qemu:dirty-bitmap:";

    private static final int NBD_STATE_HOLE = 1;
    private static final int NBD_STATE_ZERO = 1 << 1;
    private static final int NBD_STATE_DIRTY = 1;

    /** In {@code base:allocation}: nothing is stored there. */
    public boolean hole() {
        return (flags & NBD_STATE_HOLE) != 0;
    }

    /** In {@code base:allocation}: reads as zeroes, stored or not. */
    public boolean zero() {
        return (flags & NBD_STATE_ZERO) != 0;
    }

    /** In a dirty bitmap: was written since the bitmap was made. */
    public boolean dirty() {
        return (flags & NBD_STATE_DIRTY) != 0;
    }
}
