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
    private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);

    private final AtomicReference<Duration> passed = new AtomicReference<>(Duration.ZERO);

    /** Time passes; or, if it is negative, the machine's clock is set back while none passes. */
    void move(Duration time) {
        ahead.updateAndGet(time::plus);
        if (!time.isNegative()) {
            passed.updateAndGet(time::plus);
        }
    }

    /** The machine's time that goes forward alone. */
    MonotonicClock monotonic() {
        return () -> MonotonicClock.SYSTEM.elapsed().plus(passed.get());
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
