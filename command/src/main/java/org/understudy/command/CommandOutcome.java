package org.understudy.command;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.understudy.model.Failure;
import org.understudy.model.RecoveryPoint;

/** How a command ended at its agent. Remembered there, and repeated when the same id is asked again. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "outcome")
@JsonSubTypes({
    @JsonSubTypes.Type(value = CommandOutcome.Done.class, name = "done"),
    @JsonSubTypes.Type(value = CommandOutcome.MachineStarted.class, name = "machine-started"),
    @JsonSubTypes.Type(value = CommandOutcome.Points.class, name = "points"),
    @JsonSubTypes.Type(value = CommandOutcome.Failed.class, name = "failed"),
})
public sealed interface CommandOutcome {
    /** It is as asked. */
    record Done() implements CommandOutcome {}

    /** A VM runs from a recovery point: the answer to a test failover or a failover. */
    record MachineStarted(String vmName, RecoveryPoint point, Instant startedAt) implements CommandOutcome {
        public MachineStarted {
            Objects.requireNonNull(vmName, "vmName");
            Objects.requireNonNull(point, "point");
            Objects.requireNonNull(startedAt, "startedAt");
        }
    }

    /** The recovery points that were asked for, newest first. */
    record Points(List<RecoveryPoint> points) implements CommandOutcome {
        public Points {
            points = List.copyOf(points);
        }
    }

    /** It is not as asked. */
    record Failed(Failure failure) implements CommandOutcome {
        public Failed {
            Objects.requireNonNull(failure, "failure");
        }
    }
}
