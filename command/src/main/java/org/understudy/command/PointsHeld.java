package org.understudy.command;

import java.util.Objects;
import java.util.Optional;
import org.understudy.model.RecoveryPoint;

/**
 * How many recovery points an item has at its target, and those of them that are asked for most. The others stay there
 * and are asked for page by page ({@link AgentCommand.ListPoints}): there may be a million of one item.
 *
 * @param latest the newest, whether or not its journal is applied
 * @param latestApplicationConsistent the newest at which the guest froze its applications
 */
public record PointsHeld(
        long count, Optional<RecoveryPoint> latest, Optional<RecoveryPoint> oldest,
        Optional<RecoveryPoint> latestApplicationConsistent) {
    public static final PointsHeld NONE =
            new PointsHeld(0, Optional.empty(), Optional.empty(), Optional.empty());

    public PointsHeld {
        latest = Objects.requireNonNullElse(latest, Optional.empty());
        oldest = Objects.requireNonNullElse(oldest, Optional.empty());
        latestApplicationConsistent = Objects.requireNonNullElse(latestApplicationConsistent, Optional.empty());
        if (count < 0 || latest.isPresent() != count > 0) {
            throw new IllegalArgumentException(count + " points, and the latest is " + latest);
        }
    }
}
