package org.understudy.replica;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A clock that stands still until it is moved. */
final class SteppedClock extends Clock {
    private volatile Instant now = Instant.parse("2026-03-01T10:00:00Z");

    void forward(Duration step) {
        now = now.plus(step);
    }

    /** As when it is put right. */
    void setBack(Duration by) {
        now = now.minus(by);
    }

    @Override
    public Instant instant() {
        return now;
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException("one zone is enough");
    }
}
