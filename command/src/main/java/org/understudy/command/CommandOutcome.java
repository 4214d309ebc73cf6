package org.understudy.command;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.understudy.model.Failure;
import org.understudy.model.LogPosition;
import org.understudy.model.Portability;
import org.understudy.model.RecoveryPoint;

/** How a command ended at its agent. Remembered there, and repeated when the same id is asked again. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "outcome")
@JsonSubTypes({
    @JsonSubTypes.Type(value = CommandOutcome.Done.class, name = "done"),
    @JsonSubTypes.Type(value = CommandOutcome.MachineStarted.class, name = "machine-started"),
    @JsonSubTypes.Type(value = CommandOutcome.MachineChecked.class, name = "machine-checked"),
    @JsonSubTypes.Type(value = CommandOutcome.MachineDescribed.class, name = "machine-described"),
    @JsonSubTypes.Type(value = CommandOutcome.Finished.class, name = "finished"),
    @JsonSubTypes.Type(value = CommandOutcome.Points.class, name = "points"),
    @JsonSubTypes.Type(value = CommandOutcome.Holdings.class, name = "holdings"),
    @JsonSubTypes.Type(value = CommandOutcome.Failed.class, name = "failed"),
})
public sealed interface CommandOutcome {
    /**
     * It is as asked.
     *
     * @param note what a person should know of it nevertheless, such as what is only done later; a sentence
     */
    record Done(Optional<String> note) implements CommandOutcome {
        public Done {
            note = Objects.requireNonNullElse(note, Optional.empty());
        }

        /** With nothing to add. */
        public Done() {
            this(Optional.empty());
        }
    }

    /**
     * A VM runs from a recovery point: the answer to a test failover or a failover.
     *
     * @param differences what is missing or other than at the source, in sentences
     */
    record MachineStarted(String vmName, RecoveryPoint point, Instant startedAt, List<String> differences)
            implements CommandOutcome {
        public MachineStarted {
            Objects.requireNonNull(vmName, "vmName");
            Objects.requireNonNull(point, "point");
            Objects.requireNonNull(startedAt, "startedAt");
            // Absent in what an agent of the first release answered.
            differences = differences == null ? List.of() : List.copyOf(differences);
        }

        /** One that is as it was at the source. */
        public MachineStarted(String vmName, RecoveryPoint point, Instant startedAt) {
            this(vmName, point, startedAt, List.of());
        }
    }

    /** What the target makes of a VM: the answer to a look beforehand. */
    record MachineChecked(Portability portability) implements CommandOutcome {
        public MachineChecked {
            Objects.requireNonNull(portability, "portability");
        }
    }

    /**
     * How a VM is defined at its source, in its hypervisor's own language.
     *
     * @param definition whole, whatever rule the other words of an agent are read by: a VM with many devices has tens
     *     of thousands of characters, and a part of it is no definition; {@value #DEFINITION_MAX} characters at most
     */
    record MachineDescribed(@JsonDeserialize(using = CommandCodec.WholeText.class) String definition)
            implements CommandOutcome {
        static final int DEFINITION_MAX = 1024 * 1024;

        public MachineDescribed {
            if (Objects.requireNonNull(definition, "definition").length() > DEFINITION_MAX) {
                throw new IllegalArgumentException("a definition of " + definition.length() + " characters");
            }
        }
    }

    /**
     * The target has all that a VM that is shut off has written.
     *
     * @param position that holds it
     */
    record Finished(LogPosition position) implements CommandOutcome {
        public Finished {
            Objects.requireNonNull(position, "position");
        }
    }

    /** The recovery points that were asked for, newest first. */
    record Points(List<RecoveryPoint> points) implements CommandOutcome {
        public Points {
            points = List.copyOf(points);
        }
    }

    /** The folders of replicas that lie on a host, as somebody looked at {@code at}. */
    record Holdings(List<HeldFolder> folders, Instant at) implements CommandOutcome {
        public Holdings {
            folders = List.copyOf(folders);
            Objects.requireNonNull(at, "at");
        }
    }

    /** It is not as asked. */
    record Failed(Failure failure) implements CommandOutcome {
        public Failed {
            Objects.requireNonNull(failure, "failure");
        }
    }
}
