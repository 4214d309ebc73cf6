package org.understudy.model;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One instant of one VM's disks in a chain of change logs.
 *
 * <p>A sequence number is one replication cycle of one VM, all its disks at one instant; sequence 0 is "nothing yet".
 * A generation is one direction of an item: only reversing it begins another one, a resynchronisation goes on in it.
 * Only positions of one generation compare.
 */
public record LogPosition(long generation, long sequence) {
    /** Older first; throws {@link IllegalArgumentException} for positions of two generations. */
    public static final Comparator<LogPosition> ORDER = (one, other) -> {
        one.requireSameGeneration(other);
        return Long.compare(one.sequence, other.sequence);
    };

    private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,17})-([0-9]{1,18})");

    public LogPosition {
        if (generation < 1 || sequence < 0) {
            throw new IllegalArgumentException("position " + generation + "-" + sequence + " is out of range");
        }
    }

    /** Reads the form of {@link #toString}; throws {@link IllegalArgumentException} for anything else. */
    public static LogPosition parse(String text) {
        Matcher position = FORM.matcher(text);
        if (!position.matches()) {
            throw new IllegalArgumentException("a position is written generation-sequence, such as 1-17");
        }
        return new LogPosition(Long.parseLong(position.group(1)), Long.parseLong(position.group(2)));
    }

    /** The position before the first cycle of a generation. */
    public static LogPosition startOf(long generation) {
        return new LogPosition(generation, 0);
    }

    /** The position one cycle later. */
    public LogPosition next() {
        return new LogPosition(generation, sequence + 1);
    }

    /** Whether this lies after {@code other}; throws {@link IllegalArgumentException} for another generation. */
    public boolean isAfter(LogPosition other) {
        requireSameGeneration(other);
        return sequence > other.sequence;
    }

    private void requireSameGeneration(LogPosition other) {
        if (generation != other.generation) {
            throw new IllegalArgumentException("positions " + this + " and " + other + " are of two generations");
        }
    }

    @Override
    public String toString() {
        return generation + "-" + sequence;
    }
}
