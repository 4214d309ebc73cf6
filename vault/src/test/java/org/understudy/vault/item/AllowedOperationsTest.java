package org.understudy.vault.item;

import static org.assertj.core.api.Assertions.assertThat;
import static org.understudy.api.Operation.CHANGE_RECOVERY_POINT;
import static org.understudy.api.Operation.COMMIT;
import static org.understudy.api.Operation.COMPLETE_MIGRATION;
import static org.understudy.api.Operation.DISABLE_PROTECTION;
import static org.understudy.api.Operation.LET_POINT_GO;
import static org.understudy.api.Operation.PAUSE_REPLICATION;
import static org.understudy.api.Operation.PLANNED_FAILOVER;
import static org.understudy.api.Operation.RESUME_REPLICATION;
import static org.understudy.api.Operation.REVERSE_REPLICATE;
import static org.understudy.api.Operation.TEST_FAILOVER;
import static org.understudy.api.Operation.TEST_FAILOVER_CLEANUP;
import static org.understudy.api.Operation.UNPLANNED_FAILOVER;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.understudy.command.PointChoice;
import org.understudy.model.Consistency;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.model.RecoveryPoint;

/** The table 17.6. */
class AllowedOperationsTest {
    private static final RecoveryPoint POINT =
            new RecoveryPoint(new LogPosition(1, 7), Instant.EPOCH, Consistency.CRASH);

    @Test
    void allowsWhatTheTableSays() {
        assertThat(AllowedOperations.in(new ProtectionState.Protected(), false))
                .containsExactly(TEST_FAILOVER, PLANNED_FAILOVER, UNPLANNED_FAILOVER, PAUSE_REPLICATION,
                        RESUME_REPLICATION, LET_POINT_GO, DISABLE_PROTECTION);
        assertThat(AllowedOperations.in(new ProtectionState.CommitPending(FailoverKind.UNPLANNED, POINT), false))
                .containsExactly(COMMIT, CHANGE_RECOVERY_POINT, REVERSE_REPLICATE, COMPLETE_MIGRATION,
                        LET_POINT_GO, DISABLE_PROTECTION);
        assertThat(AllowedOperations.in(new ProtectionState.Committed(POINT), false))
                .containsExactly(REVERSE_REPLICATE, COMPLETE_MIGRATION, DISABLE_PROTECTION);
    }

    @Test
    void changesNoPointOnceReplicationIsReversedAndCommitsAsLongAsNobodyHas() {
        assertThat(AllowedOperations.in(new ProtectionState.Reversing(POINT, false), false))
                .contains(COMMIT, REVERSE_REPLICATE, UNPLANNED_FAILOVER, DISABLE_PROTECTION)
                .doesNotContain(CHANGE_RECOVERY_POINT, COMPLETE_MIGRATION);
        assertThat(AllowedOperations.in(new ProtectionState.Reversing(POINT, true), false))
                .contains(REVERSE_REPLICATE, UNPLANNED_FAILOVER, DISABLE_PROTECTION).doesNotContain(COMMIT);
    }

    @Test
    void allowsFailoverAndAPauseWhileTheDisksAreCoveredAnew() {
        assertThat(AllowedOperations.in(new ProtectionState.ResynchronizationRequired(FailureException.of(
                FailureCode.RESYNCHRONIZATION_REQUIRED, "QEMU was killed.").failure()), false))
                .containsExactly(UNPLANNED_FAILOVER, PAUSE_REPLICATION, RESUME_REPLICATION, LET_POINT_GO,
                        DISABLE_PROTECTION);
    }

    @Test
    void allowsNeitherTestNorFailoverDuringInitialReplication() {
        assertThat(AllowedOperations.in(new ProtectionState.InitialReplication(), false))
                .containsExactly(PAUSE_REPLICATION, RESUME_REPLICATION, DISABLE_PROTECTION);
    }

    @Test
    void completesNoMigrationBeforeTheVmWasFailedOver() {
        for (ProtectionState state : List.of(new ProtectionState.Enabling(), new ProtectionState.InitialReplication(),
                new ProtectionState.Protected(), new ProtectionState.FailingOver(FailoverKind.PLANNED,
                        new PointChoice.Latest()))) {
            assertThat(AllowedOperations.in(state, false))
                    .doesNotContain(COMPLETE_MIGRATION, CHANGE_RECOVERY_POINT, COMMIT);
        }
    }

    @Test
    void allowsTheCleanUpAloneWhileATestExists() {
        assertThat(AllowedOperations.in(new ProtectionState.Protected(), true)).containsExactly(TEST_FAILOVER_CLEANUP);
    }

    @Test
    void allowsAnotherTryAfterAFailoverThatFailed() {
        assertThat(AllowedOperations.in(
                new ProtectionState.FailingOver(FailoverKind.UNPLANNED, new PointChoice.Latest()), false))
                .contains(UNPLANNED_FAILOVER);
    }
}
