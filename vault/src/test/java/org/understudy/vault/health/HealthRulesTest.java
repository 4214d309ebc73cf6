package org.understudy.vault.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.understudy.api.HealthView;
import org.understudy.api.HealthView.Level;
import org.understudy.model.Consistency;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.LogPosition;
import org.understudy.model.RecoveryPoint;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.vault.health.HealthRules.End;
import org.understudy.vault.health.HealthRules.Ends;
import org.understudy.vault.health.HealthRules.Facts;
import org.understudy.vault.item.Outlook;
import org.understudy.vault.item.FailoverKind;
import org.understudy.vault.item.ProtectionState;

/** Section 14.1, rule by rule. */
class HealthRulesTest {
    private static final End AMSTERDAM = new End("amsterdam", true, List.of());
    private static final Ends REPORTING = new Ends(new End("stockholm", true, List.of()), AMSTERDAM, true);
    private static final Duration FIVE_MINUTES = Duration.ofMinutes(5);
    private static final ProtectionState PROTECTED = new ProtectionState.Protected();

    private static Failure failure(FailureCode code) {
        return new Failure(code, "it is so", "do that", Instant.EPOCH);
    }

    private static HealthView health(ProtectionState state, int minutesBehind, int attempt, Failure... troubles) {
        return HealthRules.of(new Facts("web01", state, REPORTING, FIVE_MINUTES,
                Optional.of(Duration.ofMinutes(minutesBehind)), List.of(troubles), attempt, false));
    }

    @Test
    void isNormalWhileReplicationFollows() {
        assertThat(health(PROTECTED, 5, 0)).isEqualTo(new HealthView(Level.NORMAL, List.of()));
    }

    @Test
    void warnsOfAReplicaMoreThanAnHourBehind() {
        assertThat(health(PROTECTED, 61, 0)).isEqualTo(new HealthView(Level.WARNING,
                List.of("Replica virtual machine 'web01' is behind the primary by more than an hour.")));
    }

    @Test
    void warnsOfALagThatThePolicyDoesNotMean() {
        Facts everySecond = new Facts("web01", PROTECTED, REPORTING, Duration.ofSeconds(1),
                Optional.of(Duration.ofSeconds(80)), List.of(), 0, false);
        assertThat(HealthRules.of(everySecond)).isEqualTo(new HealthView(Level.WARNING,
                List.of("Replica virtual machine 'web01' is behind the primary by 80 s; "
                        + "its policy copies every 1 s.")));
        assertThat(health(PROTECTED, 12, 0).level()).as("three rounds of a longer policy").isEqualTo(Level.NORMAL);
    }

    @Test
    void tellsWhatIsNotKnownOfAVmThatIsOff() {
        assertThat(health(PROTECTED, 2, 1, failure(FailureCode.VM_NOT_RUNNING)).reasons()).containsExactly(
                "it is so. What it wrote in the moment before it went off may be missing at the target: the state "
                        + "there is 2 min old, and is brought up when it runs.");
    }

    @Test
    void warnsOfWhatTroublesTheAgentOfAnEnd() {
        HealthView health = HealthRules.of(new Facts("web01", PROTECTED,
                new Ends(new End("stockholm", true, List.of(failure(FailureCode.HYPERVISOR_BUSY))), AMSTERDAM, true),
                FIVE_MINUTES, Optional.empty(), List.of(), 0, false));
        assertThat(health).isEqualTo(new HealthView(Level.WARNING, List.of("Host stockholm: it is so.")));
    }

    @Test
    void warnsOfARefusalThatIsTriedAgainAndIsCriticalAfterAWhile() {
        assertThat(health(PROTECTED, 0, 2, failure(FailureCode.HYPERVISOR_REFUSED)).level()).isEqualTo(Level.WARNING);
        assertThat(health(PROTECTED, 0, 6, failure(FailureCode.HYPERVISOR_REFUSED)).level()).isEqualTo(Level.CRITICAL);
    }

    @Test
    void warnsWhileItIsPausedAndNamesWho() {
        Failure paused = new Failure(
                FailureCode.REPLICATION_PAUSED, "Paused by anna.", "Resume it.", Instant.EPOCH);
        assertThat(health(PROTECTED, 0, 0, paused))
                .isEqualTo(new HealthView(Level.WARNING, List.of("Paused by anna.")));
    }

    @Test
    void warnsUntilInitialReplicationIsCompleted() {
        assertThat(health(new ProtectionState.InitialReplication(), 0, 0).level()).isEqualTo(Level.WARNING);
    }

    @Test
    void warnsWhileSendingIsTriedAgainAndIsCriticalWhenTheShortPausesAreUsedUp() {
        assertThat(health(PROTECTED, 1, 1, failure(FailureCode.LINK_LOST)).level()).isEqualTo(Level.WARNING);
        assertThat(health(PROTECTED, 1, 6, failure(FailureCode.LINK_LOST)).level()).isEqualTo(Level.CRITICAL);
    }

    @Test
    void isCriticalAtOnceWhenStorageIsFullOrAPersonIsNeeded() {
        assertThat(health(PROTECTED, 1, 1, failure(FailureCode.TARGET_STORAGE_FULL)).level()).isEqualTo(Level.CRITICAL);
        assertThat(health(PROTECTED, 1, 1, failure(FailureCode.REPLICA_CORRUPT)).level()).isEqualTo(Level.CRITICAL);
    }

    @Test
    void isCriticalWithTheMessageWheneverReplicationStandsStill() {
        // A refusal and a defect are tried again (decision 19), and whoever asked for a pause knows of it.
        Set<FailureCode> goesOn = Set.of(
                FailureCode.HYPERVISOR_REFUSED, FailureCode.INTERNAL_ERROR, FailureCode.REPLICATION_PAUSED);
        assertThat(FailureCode.values())
                .filteredOn(code -> code.kind() != FailureCode.Kind.TRY_AGAIN && !goesOn.contains(code))
                .allSatisfy(code -> {
                    assertStandsStill(health(PROTECTED, 1, 1, failure(code)));
                    assertStandsStill(health(new ProtectionState.InitialReplication(), 1, 1, failure(code)));
                });
    }

    private static void assertStandsStill(HealthView health) {
        assertThat(health.level()).isEqualTo(Level.CRITICAL);
        assertThat(health.reasons()).first()
                .isEqualTo("Replication for virtual machine 'web01' stands still: it is so. do that");
    }

    @Test
    void doesNotMindAShutOffSourceHoweverLong() {
        assertThat(health(PROTECTED, 600, 3, failure(FailureCode.VM_NOT_RUNNING)).level()).isEqualTo(Level.NORMAL);
    }

    @Test
    void isCriticalWhenResynchronizationIsRequired() {
        HealthView health = health(
                new ProtectionState.ResynchronizationRequired(failure(FailureCode.RESYNCHRONIZATION_REQUIRED)), 1, 0);
        assertThat(health.level()).isEqualTo(Level.CRITICAL);
        assertThat(health.reasons()).containsExactly(
                "Resynchronization is required for virtual machine 'web01': it is so");
    }

    @Test
    void warnsAfterAFailoverUntilTheOtherDirectionIsProtected() {
        RecoveryPoint point = new RecoveryPoint(new LogPosition(1, 7), Instant.EPOCH, Consistency.CRASH);
        Ends gone = new Ends(new End("stockholm", false, List.of()), AMSTERDAM, true);
        for (ProtectionState state : List.of(
                new ProtectionState.CommitPending(FailoverKind.UNPLANNED, point),
                new ProtectionState.Committed(point))) {
            Facts facts = new Facts("web01", state, gone, FIVE_MINUTES, Optional.empty(), List.of(), 0, false);
            assertThat(HealthRules.of(facts).level()).isEqualTo(Level.WARNING);
        }
    }

    @Test
    void isCriticalWhenTheOldCopyCameBackWithItsHost() {
        RecoveryPoint point = new RecoveryPoint(new LogPosition(1, 7), Instant.EPOCH, Consistency.CRASH);
        HealthView health = health(new ProtectionState.Committed(point), 0, 0);
        assertThat(health.level()).isEqualTo(Level.CRITICAL);
        assertThat(health.reasons()).first().isEqualTo("Virtual machine 'web01' runs on host stockholm too, from where"
                + " it was failed over to host amsterdam. Shut it down on stockholm: what it writes there is not"
                + " kept.");
    }

    @Test
    void namesTheHostThatIsSilentAfterWhatIsWorse() {
        HealthView health = HealthRules.of(new Facts("web01", PROTECTED,
                new Ends(new End("stockholm", false, List.of()), AMSTERDAM, true), FIVE_MINUTES, Optional.empty(),
                List.of(failure(FailureCode.SOURCE_STORAGE_FULL)), 1, false));
        assertThat(health.level()).isEqualTo(Level.CRITICAL);
        assertThat(health.reasons()).hasSize(2).last().asString().contains("stockholm");
    }

    @Test
    void isCriticalWhenAFailoverWouldFailOrLoseADisk() {
        HealthView health = HealthRules.of(new Facts("web01", PROTECTED, REPORTING, FIVE_MINUTES, Optional.empty(),
                List.of(), 0, false, new Outlook(List.of("The host has no network filter f."),
                        List.of("Disk vdc is not replicated."),
                        List.of("Network adapter 0 will be connected to nothing."), List.of("Its TPM is empty."))));

        assertThat(health.level()).isEqualTo(HealthView.Level.CRITICAL);
        assertThat(health.reasons()).containsExactly(
                "Virtual machine 'web01' cannot be started on host amsterdam: The host has no network filter f.",
                "Disk vdc is not replicated.", "Network adapter 0 will be connected to nothing.");
    }

    @Test
    void isNotHealthyWhenTheFailedOverMachineDoesNotRun() {
        for (PowerState power : List.of(PowerState.SHUT_OFF, PowerState.CRASHED, PowerState.PAUSED)) {
            HealthView health = HealthRules.of(new Facts("web01", new ProtectionState.Committed(new RecoveryPoint(
                            new LogPosition(1, 4), Instant.EPOCH, Consistency.CRASH)),
                    new Ends(new End("stockholm", true, List.of()), AMSTERDAM, false, Optional.of(power)),
                    FIVE_MINUTES, Optional.empty(),
                    List.of(), 0, false));
            assertThat(health.level()).isEqualTo(HealthView.Level.CRITICAL);
            assertThat(health.reasons().getFirst()).contains("does not run there", "virsh start");
        }
    }
}
