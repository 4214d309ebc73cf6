package org.understudy.model;

/**
 * One instant of one VM's disks in a chain of change logs.
 *
 * <p>A sequence number is one replication cycle of one VM, all its disks at one instant; sequence 0 is "nothing yet".
 * A generation is one uninterrupted chain: reversing the direction or resynchronising starts a new one.
 * Only positions of one generation compare.
 */
public record LogPosition(long generation, long sequence) {
    public LogPosition {
        if (generation < 1 || sequence < 0) {
            throw new IllegalArgumentException("position " + generation + "-" + sequence + " is out of range");
        }
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
        if (generation != other.generation) {
            throw new IllegalArgumentException("positions " + this + " and " + other + " are of two generations");
        }
        return sequence > other.sequence;
    }

    @Override
    public String toString() {
        return generation + "-" + sequence;
    }
}
