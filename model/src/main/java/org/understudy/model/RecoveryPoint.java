package org.understudy.model;

import java.time.Instant;
import java.util.Objects;

/**
 * A position of a protected item that can be started (RP-01).
 *
 * @param position what it is; the id of the point within its item
 * @param capturedAt the instant of the source's disks, by the source's clock
 * @param consistency {@link Consistency#CRASH} or {@link Consistency#APPLICATION}, never partial
 */
public record RecoveryPoint(LogPosition position, Instant capturedAt, Consistency consistency) {
    public RecoveryPoint {
        Objects.requireNonNull(position, "position");
        Objects.requireNonNull(capturedAt, "capturedAt");
        if (consistency == Consistency.PARTIAL) {
            throw new IllegalArgumentException("position " + position + " is partial and so no recovery point");
        }
    }
}
