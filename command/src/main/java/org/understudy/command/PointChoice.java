package org.understudy.command;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.Objects;
import org.understudy.model.LogPosition;

/** Which recovery point to start from (RP-05). */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "choice")
@JsonSubTypes({
    @JsonSubTypes.Type(value = PointChoice.Latest.class, name = "latest"),
    @JsonSubTypes.Type(value = PointChoice.LatestProcessed.class, name = "latest-processed"),
    @JsonSubTypes.Type(value = PointChoice.LatestApplicationConsistent.class, name = "latest-application-consistent"),
    @JsonSubTypes.Type(value = PointChoice.Custom.class, name = "custom"),
})
public sealed interface PointChoice {
    /** First applies everything acknowledged: the lowest RPO. */
    record Latest() implements PointChoice {}

    /** The last point already applied: the lowest RTO. */
    record LatestProcessed() implements PointChoice {}

    /** The last point whose guest froze its applications. */
    record LatestApplicationConsistent() implements PointChoice {}

    /** A point from the item's list. */
    record Custom(LogPosition position) implements PointChoice {
        public Custom {
            Objects.requireNonNull(position, "position");
        }
    }
}
