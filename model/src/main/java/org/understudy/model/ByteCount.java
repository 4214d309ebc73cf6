package org.understudy.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** A number of bytes, never negative. */
public record ByteCount(@JsonValue long bytes) implements Comparable<ByteCount> {
    public static final ByteCount ZERO = new ByteCount(0);

    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    @JsonCreator
    public ByteCount {
        if (bytes < 0) {
            throw new IllegalArgumentException("a byte count is never negative: " + bytes);
        }
    }

    public static ByteCount ofKibibytes(long count) {
        return new ByteCount(Math.multiplyExact(count, 1L << 10));
    }

    public static ByteCount ofMebibytes(long count) {
        return new ByteCount(Math.multiplyExact(count, 1L << 20));
    }

    public static ByteCount ofGibibytes(long count) {
        return new ByteCount(Math.multiplyExact(count, 1L << 30));
    }

    public ByteCount plus(ByteCount other) {
        return new ByteCount(Math.addExact(bytes, other.bytes));
    }

    @Override
    public int compareTo(ByteCount other) {
        return Long.compare(bytes, other.bytes);
    }

    /** For people: {@code 512 B}, {@code 64.0 KiB}, {@code 1.5 GiB}. */
    @Override
    public String toString() {
        if (bytes < 1024) {
            return bytes + " B";
        }
        int unit = (63 - Long.numberOfLeadingZeros(bytes)) / 10;
        return String.format(Locale.ROOT, "%.1f %s", bytes / (double) (1L << (10 * unit)), UNITS[unit]);
    }
}
