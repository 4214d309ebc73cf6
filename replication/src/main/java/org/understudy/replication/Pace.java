package org.understudy.replication;

import java.time.Duration;
import java.time.Instant;

/**
 * The driver's only source of time, waiting, chance and threads, so that a test drives it by hand and a simulation by
 * its seed.
 */
public interface Pace {
    /** The wall clock, for what people read. */
    Instant now();

    /** A clock that only goes forward, for measuring; its zero means nothing. */
    long nanos();

    /** A number from 0 to 1, for jitter. */
    double chance();

    /** A new signal with nothing told yet. */
    Signal signal();

    /** Starts a loop on a thread of its own. */
    Running start(String name, Runnable loop);

    /**
     * A count of things told. Read the count, look at the facts, then wait for a count beyond it: what was told between
     * is never missed, and no fact needs to be guarded by the waiter's lock.
     */
    interface Signal {
        /** How often something was told. */
        long count();

        /** Tells all who wait that facts have changed. */
        void tell();

        /** Returns when the count is beyond {@code seen} or {@code atMost} has passed. */
        void await(long seen, Duration atMost) throws InterruptedException;
    }

    /** A loop that was started. */
    interface Running {
        /** Interrupts what it does. */
        void interrupt();

        /** Whether it ended within {@code atMost}. */
        boolean awaitEnd(Duration atMost) throws InterruptedException;
    }
}
