package org.understudy.api;

import java.time.Instant;
import org.understudy.model.Consistency;
import org.understudy.model.RecoveryPoint;

/**
 * A recovery point of an item.
 *
 * @param id its position, {@code generation-sequence}, which a failover may name
 */
public record RecoveryPointView(String id, Instant capturedAt, Consistency consistency) {
    /** The view of a point. */
    public static RecoveryPointView of(RecoveryPoint point) {
        return new RecoveryPointView(point.position().toString(), point.capturedAt(), point.consistency());
    }
}
