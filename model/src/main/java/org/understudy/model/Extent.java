package org.understudy.model;

/** A range of bytes of a disk: {@code [offset, offset + length)}, never empty. */
public record Extent(long offset, long length) {
    public Extent {
        if (offset < 0 || length <= 0 || offset > Long.MAX_VALUE - length) {
            throw new IllegalArgumentException("extent at " + offset + " of " + length + " bytes is out of range");
        }
    }

    /** The first byte after this extent. */
    public long end() {
        return offset + length;
    }
}
