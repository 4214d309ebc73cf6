package org.understudy.vault.main;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;
import org.understudy.vault.fleet.MonotonicClock;

/** The machine's clock, moved on by a test: certificates are checked by the real time, expiry by this one. */
final class MovableClock extends Clock {
    /** The thread on which the vault makes sure once a second that it can hear its agents. */
    private static final String LISTENING = "listening";

    private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);

    private final AtomicReference<Duration> passed = new AtomicReference<>(Duration.ZERO);
    private Duration listened = Duration.ZERO;

    /** Time passes; or, if it is negative, the machine's clock is set back while none passes. */
    void move(Duration time) {
        ahead.updateAndGet(time::plus);
        if (!time.isNegative()) {
            passed.updateAndGet(time::plus);
        }
    }

    /**
     * Time passes in which the vault listens all along, and then happens what hosts do: no job sees the time before. A
     * mere {@link #move} is a jump, in which nobody is quiet until the vault has looked again.
     */
    synchronized void pass(Duration time, Runnable hosts) {
        Duration until = passed.updateAndGet(time::plus);
        try {
            while (listened.compareTo(until) < 0) {
                wait();
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        hosts.run();
        ahead.updateAndGet(time::plus);
    }

    private synchronized void listens(Duration now) {
        listened = now;
        notifyAll();
    }

    /** The machine's time that goes forward alone. */
    MonotonicClock monotonic() {
        return () -> {
            Duration now = passed.get();
            if (Thread.currentThread().getName().equals(LISTENING)) {
                listens(now);
            }
            return MonotonicClock.SYSTEM.elapsed().plus(now);
        };
    }

    @Override
    public Instant instant() {
        return Clock.systemUTC().instant().plus(ahead.get());
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}
