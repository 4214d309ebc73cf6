package org.understudy.vault.item;

import java.util.List;
import java.util.stream.Collectors;
import org.understudy.api.Operation;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/** The table of what may be asked of an item in each state (17.6). Pure. */
public final class AllowedOperations {
    private AllowedOperations() {}

    /**
     * The operations allowed.
     *
     * @param testOpen whether a test failover exists: then its clean-up alone is allowed (TF-12)
     */
    public static List<Operation> in(ProtectionState state, boolean testOpen) {
        if (testOpen) {
            return List.of(Operation.TEST_FAILOVER_CLEANUP);
        }
        return switch (state) {
            case ProtectionState.Enabling _ -> List.of(Operation.DISABLE_PROTECTION);
            case ProtectionState.Disabling _ -> List.of(Operation.LET_POINT_GO, Operation.DISABLE_PROTECTION);
            case ProtectionState.InitialReplication _ ->
                    List.of(Operation.PAUSE_REPLICATION, Operation.RESUME_REPLICATION, Operation.DISABLE_PROTECTION);
            case ProtectionState.Protected _ -> List.of(Operation.TEST_FAILOVER, Operation.PLANNED_FAILOVER,
                    Operation.UNPLANNED_FAILOVER, Operation.PAUSE_REPLICATION, Operation.RESUME_REPLICATION,
                    Operation.LET_POINT_GO, Operation.DISABLE_PROTECTION);
            // What is covered anew replicates: a person may need the VM alone.
            case ProtectionState.ResynchronizationRequired _ -> List.of(Operation.UNPLANNED_FAILOVER,
                    Operation.PAUSE_REPLICATION, Operation.RESUME_REPLICATION, Operation.LET_POINT_GO,
                    Operation.DISABLE_PROTECTION);
            case ProtectionState.FailingOver _ ->
                    List.of(Operation.UNPLANNED_FAILOVER, Operation.ABANDON_FAILOVER, Operation.DISABLE_PROTECTION);
            case ProtectionState.CommitPending _ -> List.of(Operation.COMMIT, Operation.CHANGE_RECOVERY_POINT,
                    Operation.REVERSE_REPLICATE, Operation.COMPLETE_MIGRATION, Operation.LET_POINT_GO,
                    Operation.DISABLE_PROTECTION);
            case ProtectionState.Committed _ -> List.of(
                    Operation.REVERSE_REPLICATE, Operation.COMPLETE_MIGRATION, Operation.DISABLE_PROTECTION);
            // Begun again, it does what an earlier job has not come to.
            case ProtectionState.Reversing reversing when !reversing.committed() -> List.of(Operation.COMMIT,
                    Operation.REVERSE_REPLICATE, Operation.UNPLANNED_FAILOVER, Operation.PAUSE_REPLICATION,
                    Operation.RESUME_REPLICATION, Operation.LET_POINT_GO, Operation.DISABLE_PROTECTION);
            case ProtectionState.Reversing _ -> List.of(Operation.REVERSE_REPLICATE, Operation.UNPLANNED_FAILOVER,
                    Operation.PAUSE_REPLICATION, Operation.RESUME_REPLICATION, Operation.LET_POINT_GO,
                    Operation.DISABLE_PROTECTION);
        };
    }

    /** Whether the operation starts the VM at the target for good. */
    static boolean isFailover(Operation operation) {
        return operation == Operation.PLANNED_FAILOVER || operation == Operation.UNPLANNED_FAILOVER;
    }

    /** The refusal of an operation that the state does not allow; says what it does allow. */
    static FailureException refusal(ProtectedItem item, Operation operation, boolean testOpen) {
        if (testOpen && isFailover(operation)) {
            return FailureException.of(FailureCode.STATE_FORBIDS,
                    "Failover could not be initiated since test failover is in progress for item " + item.name(),
                    "Clean up the test failover, then fail over.");
        }
        String allowed = in(item.state(), testOpen).stream()
                .map(Operation::words).collect(Collectors.joining(", "));
        return FailureException.of(FailureCode.STATE_FORBIDS,
                "%s is not possible for item %s in state %s%s; allowed: %s".formatted(
                        operation.words(), item.name(), item.state().name(),
                        testOpen ? " with a test failover" : "", allowed));
    }
}
