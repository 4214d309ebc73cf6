package org.understudy.vault.main;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Since when the wall clock has gone without a jump of more than a day, as far as somebody looked. What is forgotten by
 * age waits until that is a day: after a start with a wrong clock everything would be old.
 */
record SteadyClock(Instant lastLook, Instant since) {
    private static final Duration JUMP = Duration.ofDays(1);
    private static final Duration STEADY = Duration.ofDays(1);

    /** After another look. */
    static SteadyClock looked(Optional<SteadyClock> before, Instant now) {
        return before
                .filter(last -> Duration.between(last.lastLook(), now).abs().compareTo(JUMP) <= 0)
                .map(last -> new SteadyClock(now, last.since().isAfter(now) ? now : last.since()))
                .orElseGet(() -> new SteadyClock(now, now));
    }

    boolean isTrusted() {
        return Duration.between(since, lastLook).compareTo(STEADY) >= 0;
    }
}
