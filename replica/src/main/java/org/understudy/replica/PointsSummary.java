package org.understudy.replica;

import java.util.Objects;
import java.util.Optional;
import org.understudy.model.RecoveryPoint;

/**
 * What a report says of a replica's recovery points: how many there are, and which lie at the ends.
 *
 * @param count of all, those that are only journaled included
 * @param newest empty only when there is none
 * @param oldest empty only when there is none
 * @param newestApplication the newest at which the guest froze its applications
 */
public record PointsSummary(int count, Optional<RecoveryPoint> newest, Optional<RecoveryPoint> oldest,
        Optional<RecoveryPoint> newestApplication) {
    /** No point at all. */
    static final PointsSummary NONE = new PointsSummary(0, Optional.empty(), Optional.empty(), Optional.empty());

    public PointsSummary {
        Objects.requireNonNull(newest, "newest");
        Objects.requireNonNull(oldest, "oldest");
        Objects.requireNonNull(newestApplication, "newestApplication");
    }
}
