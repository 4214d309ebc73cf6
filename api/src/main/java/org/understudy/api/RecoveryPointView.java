package org.understudy.api;

import java.time.Instant;
import org.understudy.model.Consistency;
import org.understudy.model.RecoveryPoint;

/**
 * A recovery point of an item.
 *
 * @param id its position, {@code generation-sequence}, which a failover may name
 * @param kept whether it stays until it is let go by name, and nothing that deletes it is done before
 */
public record RecoveryPointView(String id, Instant capturedAt, Consistency consistency, boolean kept) {
    /** The view of a point. */
    public static RecoveryPointView of(RecoveryPoint point) {
        return of(point, false);
    }

    /** The view of a point that may be kept. */
    public static RecoveryPointView of(RecoveryPoint point, boolean kept) {
        return new RecoveryPointView(point.position().toString(), point.capturedAt(), point.consistency(), kept);
    }
}
