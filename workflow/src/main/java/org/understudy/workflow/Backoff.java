package org.understudy.workflow;

import java.time.Duration;

/**
 * How long to wait before the next attempt: doubling from {@code first} up to {@code longest}.
 *
 * @param attempts after so many the failure is final
 */
public record Backoff(Duration first, Duration longest, int attempts) {
    /** 1, 2, 4, … 60 seconds; for about half an hour. */
    public static final Backoff USUAL = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1), 36);

    public Backoff {
        if (first.isNegative() || first.isZero() || longest.compareTo(first) < 0 || attempts < 1) {
            throw new IllegalArgumentException("backoff from " + first + " to " + longest + ", " + attempts + " times");
        }
    }

    /** The pause after an attempt, which is 1 or more. */
    public Duration after(int attempt) {
        Duration pause = first.multipliedBy(1L << Math.min(attempt - 1, 30));
        return pause.compareTo(longest) < 0 ? pause : longest;
    }
}
