package org.understudy.replication;

import java.time.Duration;
import java.util.Objects;
import org.understudy.model.FailureCode;

/**
 * How long to wait before trying again.
 *
 * @param first the pause after the first failure
 * @param cap the longest pause; each pause is twice the one before it up to this
 * @param jitter the part of a pause, from 0 to 1, that chance may take away, so that the items of one host do not all
 *     come back in one instant
 */
public record Backoff(Duration first, Duration cap, double jitter) {
    /**
     * Products with copy frequencies of 30 s and more wait 1, 2, 4, 8, 10 and then 30 minutes. Ours go down to one
     * second, and most losses of a link are a rebooting switch or a restarted agent: a minute of waiting would cost
     * sixty cycles of recovery point. So pauses begin with a second; they are capped by a minute, since an attempt
     * costs one connection and disturbs nobody.
     */
    public static final Backoff OF_REPLICATION = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(60), 0.25);

    /**
     * The longest pause of a source's own host: what refuses there is next door and often over in seconds (another
     * tool's job on a disk), so half a minute is the most that a recovery point is late after it.
     */
    static final Duration CAP_AT_SOURCE = Duration.ofSeconds(30);

    /** The longest pause while a disk is full: whoever frees space watches, and an attempt asks for one number. */
    static final Duration CAP_WHILE_FULL = Duration.ofSeconds(5);

    /**
     * While the other end says that this direction is over: it may yet be taken back there (a reversal that is
     * abandoned), and nothing waits for that but the word itself.
     */
    static final Duration STANDING_BY = Duration.ofMinutes(5);

    private static final int DOUBLINGS_MAX = 32;

    public Backoff {
        Objects.requireNonNull(cap, "cap");
        if (first.isNegative() || first.isZero() || cap.compareTo(first) < 0 || !(jitter >= 0 && jitter <= 1)) {
            throw new IllegalArgumentException("back-off " + first + " to " + cap + ", jitter " + jitter);
        }
    }

    /** The same with pauses of {@code atMost} at most. */
    Backoff cappedBy(Duration atMost) {
        return cap.compareTo(atMost) <= 0 ? this
                : new Backoff(first.compareTo(atMost) <= 0 ? first : atMost, atMost, jitter);
    }

    /** The same as it suits one failure. */
    Backoff after(FailureCode code) {
        if (code == FailureCode.RELATIONSHIP_OVER) {
            return new Backoff(STANDING_BY, STANDING_BY, jitter);
        }
        return code == FailureCode.TARGET_STORAGE_FULL || code == FailureCode.SOURCE_STORAGE_FULL
                ? cappedBy(CAP_WHILE_FULL) : this;
    }

    /** The pause after the {@code attempt}th failure in a row, from 1; {@code chance} is from 0 to 1. */
    public Duration pause(int attempt, double chance) {
        if (attempt < 1) {
            throw new IllegalArgumentException("attempts count from 1, not " + attempt);
        }
        Duration pause = first;
        for (int i = 1; i < Math.min(attempt, DOUBLINGS_MAX) && pause.compareTo(cap) < 0; i++) {
            pause = pause.multipliedBy(2);
        }
        Duration capped = pause.compareTo(cap) > 0 ? cap : pause;
        return capped.minusNanos((long) (capped.toNanos() * jitter * chance));
    }
}
