package org.understudy.replication;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.understudy.model.Failure;

/**
 * Why a loop of the driver does not get on.
 *
 * @param attempt how many attempts in a row failed, from 1
 * @param nextAttempt when it tries again; empty when only {@link ReplicationDriver#resume} makes it
 */
public record Trouble(Failure failure, int attempt, Optional<Instant> nextAttempt) {
    public Trouble {
        Objects.requireNonNull(failure, "failure");
        Objects.requireNonNull(nextAttempt, "nextAttempt");
        if (attempt < 1) {
            throw new IllegalArgumentException("attempts count from 1, not " + attempt);
        }
    }

    /** Whether it waits for a person. */
    public boolean halts() {
        return nextAttempt.isEmpty();
    }
}
