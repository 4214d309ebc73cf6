package org.understudy.command;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.understudy.model.Consistency;
import org.understudy.model.LogPosition;
import org.understudy.model.RecoveryPoint;

/**
 * How many recovery points an item has at its target, and those of them that are asked for most. The others stay there
 * and are asked for page by page ({@link AgentCommand.ListPoints}): there may be a million of one item.
 *
 * @param latest the newest, whether or not its journal is applied
 * @param latestApplicationConsistent the newest at which the guest froze its applications
 * @param kept those that stay until somebody lets them go by name; none in what versions before 0.4 tell
 */
public record PointsHeld(
        long count, Optional<RecoveryPoint> latest, Optional<RecoveryPoint> oldest,
        Optional<RecoveryPoint> latestApplicationConsistent, List<RecoveryPoint> kept) {
    public static final PointsHeld NONE =
            new PointsHeld(0, Optional.empty(), Optional.empty(), Optional.empty());

    public PointsHeld {
        latest = Objects.requireNonNullElse(latest, Optional.empty());
        oldest = Objects.requireNonNullElse(oldest, Optional.empty());
        latestApplicationConsistent = Objects.requireNonNullElse(latestApplicationConsistent, Optional.empty());
        kept = kept == null ? List.of() : List.copyOf(kept);
        if (count < 0 || latest.isPresent() != count > 0) {
            throw new IllegalArgumentException(count + " points, and the latest is " + latest);
        }
    }

    /** Where none is kept. */
    public PointsHeld(long count, Optional<RecoveryPoint> latest, Optional<RecoveryPoint> oldest,
            Optional<RecoveryPoint> latestApplicationConsistent) {
        this(count, latest, oldest, latestApplicationConsistent, List.of());
    }

    /** The kept point of that position. */
    public Optional<RecoveryPoint> kept(LogPosition position) {
        return kept.stream().filter(point -> point.position().equals(position)).findFirst();
    }

    /** What stands in a list of points. */
    static PointsHeld of(List<RecoveryPoint> points) {
        Comparator<RecoveryPoint> byPosition = Comparator.comparingLong(
                (RecoveryPoint point) -> point.position().generation())
                .thenComparingLong(point -> point.position().sequence());
        return new PointsHeld(points.size(), points.stream().max(byPosition), points.stream().min(byPosition),
                points.stream().filter(point -> point.consistency() == Consistency.APPLICATION).max(byPosition));
    }

    /** The words of today, and the list of an agent of the first release: its points are there all the same. */
    static final class Words extends StdDeserializer<PointsHeld> {
        private static final long serialVersionUID = 1;

        Words() {
            super(PointsHeld.class);
        }

        @Override
        public PointsHeld deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            return parser.isExpectedStartArrayToken()
                    ? of(List.of(parser.readValueAs(RecoveryPoint[].class)))
                    : parser.readValueAs(PointsHeld.class);
        }
    }
}
