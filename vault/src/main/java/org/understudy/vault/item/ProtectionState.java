package org.understudy.vault.item;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.Objects;
import org.understudy.command.PointChoice;
import org.understudy.model.Failure;
import org.understudy.model.RecoveryPoint;

/**
 * Where the protection of one VM stands. A state holds what is true in it alone, and a legal transition is a method on
 * the state that it leaves; an illegal one does not compile. Progress, health and a test failover are facts beside it,
 * never a second state. In SQL and JSON: the simple name and the fields. Drawn in {@code docs/states/protection.md}.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "state")
@JsonSubTypes({
    @JsonSubTypes.Type(value = ProtectionState.Enabling.class, name = "Enabling"),
    @JsonSubTypes.Type(value = ProtectionState.InitialReplication.class, name = "InitialReplication"),
    @JsonSubTypes.Type(value = ProtectionState.Protected.class, name = "Protected"),
    @JsonSubTypes.Type(
            value = ProtectionState.ResynchronizationRequired.class, name = "ResynchronizationRequired"),
    @JsonSubTypes.Type(value = ProtectionState.FailingOver.class, name = "FailingOver"),
    @JsonSubTypes.Type(value = ProtectionState.CommitPending.class, name = "CommitPending"),
    @JsonSubTypes.Type(value = ProtectionState.Committed.class, name = "Committed"),
    @JsonSubTypes.Type(value = ProtectionState.Disabling.class, name = "Disabling"),
})
public sealed interface ProtectionState {
    /** The relationship between the two hosts is being made; nothing replicates yet. */
    record Enabling() implements ProtectionState {
        public InitialReplication replicationStarted() {
            return new InitialReplication();
        }

        public Disabling disable() {
            return new Disabling();
        }
    }

    /** The front passes over the disks; no position can be started yet. */
    record InitialReplication() implements ProtectionState {
        /** Called when "Finalize protection on the virtual machine" succeeds, not before (E-04). */
        public Protected finalized() {
            return new Protected();
        }

        public Disabling disable() {
            return new Disabling();
        }
    }

    /** The replica follows and can take over. */
    record Protected() implements ProtectionState {
        public FailingOver failOver(PointChoice point) {
            return new FailingOver(point);
        }

        public ResynchronizationRequired diverged(Failure failure) {
            return new ResynchronizationRequired(failure);
        }

        public Disabling disable() {
            return new Disabling();
        }
    }

    /** Nothing replicates until the two ends were compared; the recovery points are good. */
    record ResynchronizationRequired(Failure failure) implements ProtectionState {
        public ResynchronizationRequired {
            Objects.requireNonNull(failure, "failure");
        }

        public Protected resynchronized() {
            return new Protected();
        }

        public FailingOver failOver(PointChoice point) {
            return new FailingOver(point);
        }

        public Disabling disable() {
            return new Disabling();
        }
    }

    /** Replication is stopped for good and the replica is being started (UF-03). */
    record FailingOver(PointChoice point) implements ProtectionState {
        /** The VM was never defined at the target, and the replica follows its source again. */
        public Protected abandon() {
            return new Protected();
        }

        public FailingOver {
            Objects.requireNonNull(point, "point");
        }

        public CommitPending started(RecoveryPoint from) {
            return new CommitPending(from);
        }

        /** After a failover that failed or was cancelled: another try, perhaps from another point. */
        public FailingOver failOver(PointChoice other) {
            return new FailingOver(other);
        }

        public Disabling disable() {
            return new Disabling();
        }
    }

    /** The VM runs at the target from a point; the other points are still kept (CM-01). */
    record CommitPending(RecoveryPoint point) implements ProtectionState {
        public CommitPending {
            Objects.requireNonNull(point, "point");
        }

        public Committed commit() {
            return new Committed(point);
        }

        public Disabling disable() {
            return new Disabling();
        }
    }

    /** The VM runs at the target for good; nothing protects it. */
    record Committed(RecoveryPoint point) implements ProtectionState {
        public Committed {
            Objects.requireNonNull(point, "point");
        }

        public Disabling disable() {
            return new Disabling();
        }
    }

    /** Both hosts are being cleaned; then the item is gone. */
    record Disabling() implements ProtectionState {}

    /** The state's name, as in SQL, JSON and the log. */
    @JsonIgnore
    default String name() {
        return getClass().getSimpleName();
    }
}
