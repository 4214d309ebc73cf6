package org.understudy.vault.item;

import static com.fasterxml.jackson.annotation.JsonInclude.Include.NON_ABSENT;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.Objects;
import java.util.Optional;
import org.understudy.api.Operation;
import org.understudy.command.PointChoice;
import org.understudy.model.Failure;
import org.understudy.model.RecoveryPoint;
import org.understudy.vault.item.PulledBy.Puller;

/**
 * Where the protection of one VM stands. A state holds what is true in it alone, and a legal transition is a method on
 * the state that it leaves, or on the trait that several have; an illegal one does not compile. Each says who pulls it.
 * Progress, health and a test failover are facts beside it, never a second state. In SQL and JSON: the simple name and
 * the fields; a field that a release before this one did not write has the value that held then. Drawn in
 * {@code docs/states/protection.md}.
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
    @JsonSubTypes.Type(value = ProtectionState.Reversing.class, name = "Reversing"),
    @JsonSubTypes.Type(value = ProtectionState.Disabling.class, name = "Disabling"),
})
public sealed interface ProtectionState {
    /** A trait: the source ships to its target, or would if nothing stood in the way. */
    sealed interface Replicates extends ProtectionState {}

    /** A trait: the VM was started at the target from a point and is no replica any more; its source stands by. */
    sealed interface RunsAtTarget extends ProtectionState {
        RecoveryPoint point();

        /** The item goes on in its next direction, from where the VM runs to where it ran before. */
        Reversing reverse();

        @Override
        default TargetCopy copy() {
            return TargetCopy.RUNS;
        }
    }

    /** A trait: a job is at work on the item, or stopped in it; nobody means it to stay so. */
    sealed interface Passing extends ProtectionState {}

    /** A trait: there are recovery points, or may be, and the VM was not started from one. */
    sealed interface MayFailOver extends ProtectionState {
        /** From a failover that failed or was cancelled: another try, perhaps from another point. */
        @PulledBy(value = Puller.PERSON, asked = Operation.UNPLANNED_FAILOVER)
        default FailingOver failOver(FailoverKind kind, PointChoice point) {
            return new FailingOver(kind, point, reversalUnderWay());
        }

        /** The reversal that is given up by it, and gone on with when the failover is taken back. */
        default Optional<Reversing> reversalUnderWay() {
            return Optional.empty();
        }

        /** A person did it at the target's host, without the vault: the VM runs there. */
        @PulledBy(Puller.REPORT)
        default CommitPending failedOverAtHost(RecoveryPoint from) {
            return new CommitPending(FailoverKind.UNPLANNED, from, reversalUnderWay());
        }
    }

    /** The relationship between the two hosts is being made; nothing replicates yet. */
    record Enabling() implements Passing {
        @PulledBy(Puller.JOB)
        public InitialReplication replicationStarted() {
            return new InitialReplication();
        }
    }

    /** The front passes over the disks; no position can be started yet. */
    record InitialReplication() implements Replicates {
        /** Called when "Finalize protection on the virtual machine" succeeds, not before (E-04). */
        @PulledBy(Puller.JOB)
        public Protected finalized() {
            return new Protected();
        }
    }

    /** The replica follows and can take over. */
    record Protected() implements Replicates, MayFailOver {
        @PulledBy(Puller.REPORT)
        public ResynchronizationRequired diverged(Failure failure) {
            return new ResynchronizationRequired(failure);
        }
    }

    /** The disks are covered anew, by itself; until that is through no point is added, and those that are are good. */
    record ResynchronizationRequired(Failure failure) implements Replicates, MayFailOver {
        public ResynchronizationRequired {
            Objects.requireNonNull(failure, "failure");
        }

        @PulledBy(Puller.REPORT)
        public Protected resynchronized() {
            return new Protected();
        }
    }

    /**
     * Replication is stopped for good and the replica is being started (UF-03).
     *
     * @param kind unplanned in what the first releases wrote
     * @param reversal that was not through when it began; empty when none was, and in what the first releases wrote
     */
    record FailingOver(
            FailoverKind kind, PointChoice point, @JsonInclude(NON_ABSENT) Optional<Reversing> reversal)
            implements Passing, MayFailOver {
        public FailingOver {
            kind = Objects.requireNonNullElse(kind, FailoverKind.UNPLANNED);
            Objects.requireNonNull(point, "point");
            reversal = Objects.requireNonNullElse(reversal, Optional.empty());
        }

        /** Of an item that was protected. */
        public FailingOver(FailoverKind kind, PointChoice point) {
            this(kind, point, Optional.empty());
        }

        @Override
        public Optional<Reversing> reversalUnderWay() {
            return reversal;
        }

        /** The VM was never defined at the target, and the replica follows its source again. */
        @PulledBy(value = Puller.PERSON, asked = Operation.ABANDON_FAILOVER)
        public Protected abandon() {
            return new Protected();
        }

        /** The same, where the replica did not follow whole yet. */
        @PulledBy(value = Puller.PERSON, asked = Operation.ABANDON_FAILOVER)
        public Reversing abandonToReversal() {
            return reversal.orElseThrow();
        }

        @Override
        public TargetCopy copy() {
            return TargetCopy.BEGAN_TO_START;
        }

        @PulledBy(Puller.JOB)
        public CommitPending started(RecoveryPoint from) {
            return new CommitPending(kind, from, reversal);
        }
    }

    /**
     * The VM runs at the target from a point; the other points are still kept (CM-01).
     *
     * @param kind unplanned in what the first releases wrote
     * @param reversal as of {@link FailingOver}
     */
    record CommitPending(
            FailoverKind kind, RecoveryPoint point, @JsonInclude(NON_ABSENT) Optional<Reversing> reversal)
            implements RunsAtTarget {
        public CommitPending {
            kind = Objects.requireNonNullElse(kind, FailoverKind.UNPLANNED);
            Objects.requireNonNull(point, "point");
            reversal = Objects.requireNonNullElse(reversal, Optional.empty());
        }

        /** Of an item that was protected before its failover. */
        public CommitPending(FailoverKind kind, RecoveryPoint point) {
            this(kind, point, Optional.empty());
        }

        /** What the VM wrote at the target is given up; it starts from another point. */
        @PulledBy(value = Puller.PERSON, asked = Operation.CHANGE_RECOVERY_POINT)
        public FailingOver changePoint(PointChoice other) {
            return new FailingOver(kind, other, reversal);
        }

        @PulledBy(value = Puller.PERSON, asked = {Operation.COMMIT, Operation.COMPLETE_MIGRATION})
        public Committed commit() {
            return new Committed(point);
        }

        @Override
        @PulledBy(value = Puller.PERSON, asked = Operation.REVERSE_REPLICATE)
        public Reversing reverse() {
            return new Reversing(point, false);
        }
    }

    /** The VM runs at the target for good; nothing protects it. */
    record Committed(RecoveryPoint point) implements RunsAtTarget {
        public Committed {
            Objects.requireNonNull(point, "point");
        }

        @Override
        @PulledBy(value = Puller.PERSON, asked = Operation.REVERSE_REPLICATE)
        public Reversing reverse() {
            return new Reversing(point, true);
        }

        @Override
        @PulledBy(value = Puller.PERSON, asked = {Operation.COMPLETE_MIGRATION, Operation.DISABLE_PROTECTION})
        public Disabling disable(EndReason reason) {
            return new Disabling(reason, copy());
        }
    }

    /**
     * The VM replicates from where it was failed over to, in the next direction of the item; its old host does not
     * follow as a replica yet, or nobody has committed the failover.
     *
     * @param point from which the VM was started
     * @param committed whether the points of the direction before were given up
     */
    record Reversing(RecoveryPoint point, boolean committed) implements Replicates, MayFailOver {
        public Reversing {
            Objects.requireNonNull(point, "point");
        }

        /** A disaster where the VM runs: what its old host has is all there is. */
        @Override
        public Optional<Reversing> reversalUnderWay() {
            return Optional.of(this);
        }

        @PulledBy(value = Puller.PERSON, asked = Operation.COMMIT)
        public Reversing commit() {
            return new Reversing(point, true);
        }

        /** The replica has a point of the new direction, and the failover is committed. */
        @PulledBy(Puller.REPORT)
        public Protected covered() {
            return new Protected();
        }
    }

    /**
     * Both hosts are being cleaned; then the item is gone.
     *
     * @param reason not specified in what the first releases wrote
     * @param copy what was at the target when it began; a replica in what the first releases wrote
     */
    record Disabling(EndReason reason, TargetCopy copy) implements Passing {
        public Disabling {
            reason = Objects.requireNonNullElse(reason, EndReason.NOT_SPECIFIED);
            copy = Objects.requireNonNullElse(copy, TargetCopy.REPLICA);
        }

        /** It ends for the reason for which it began to. */
        @Override
        public Disabling disable(EndReason other) {
            return this;
        }
    }

    /** From every state protection can be ended; nothing that stopped half way keeps an item for ever. */
    @PulledBy(value = Puller.PERSON, asked = Operation.DISABLE_PROTECTION)
    default Disabling disable(EndReason reason) {
        return new Disabling(reason, copy());
    }

    /** What the target has of the VM. */
    default TargetCopy copy() {
        return TargetCopy.REPLICA;
    }

    /** The state's name, as in SQL, JSON and the log. */
    @JsonIgnore
    default String name() {
        return getClass().getSimpleName();
    }
}
