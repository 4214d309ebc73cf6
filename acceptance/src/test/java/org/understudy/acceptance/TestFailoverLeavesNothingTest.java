package org.understudy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.api.CleanupRequest;
import org.understudy.api.ItemView;
import org.understudy.api.JobView;
import org.understudy.api.TestFailoverRequest;
import org.understudy.lab.GuestRecords;
import org.understudy.lab.GuestStatus;
import org.understudy.lab.Lab;
import org.understudy.lab.LabGuest;
import org.understudy.lab.deployment.Await;
import org.understudy.model.LogPosition;
import org.understudy.replica.Replica;

/**
 * A test failover may be made on any working day: it disturbs neither the guest, nor its replication, nor its replica,
 * nor anybody's network, and its clean-up leaves nothing.
 */
@Order(3)
class TestFailoverLeavesNothingTest {
    private static final Duration BOOT = Duration.ofMinutes(3);
    private static final Duration REPLICATION = Duration.ofMinutes(1);

    private static final String TEST_VM = "web01 - Test";

    @RegisterExtension
    static final AcceptanceLab LAB = AcceptanceLab.named("story");

    @TempDir
    private Path scratch;

    @Test
    void itRunsApartWhileReplicationGoesOnAndLeavesNothing() throws IOException {
        LAB.protect();
        String definition = SourceTraces.of(LAB).definition();
        HostTraces before = HostTraces.of(LAB, Lab.AMSTERDAM);

        JobView test = LAB.suspended(LAB.vault().testFailover(LAB.vm(), TestFailoverRequest.isolated()));
        Map<String, String> replica = replicaHashes();
        LogPosition held = acknowledged();
        GuestStatus source = LAB.guest().status();
        GuestStatus tested = theTestGuestRunsApart();

        assertThat(tested.bootId()).isNotEqualTo(source.bootId());
        Await.atMost(REPLICATION).untilTrue("positions after " + held + " to be acknowledged while the test runs",
                () -> acknowledged().sequence() >= held.sequence() + 3);
        assertThat(LAB.guest().status().records().last()).isGreaterThan(source.records().last());
        assertThat(replicaHashes()).as("the replica's disks during the test").isEqualTo(replica);

        LAB.succeeded(LAB.vault().cleanUpTestFailover(LAB.vm(), new CleanupRequest(Optional.of("it works"))));
        LAB.succeeded(test);
        assertThat(HostTraces.of(LAB, Lab.AMSTERDAM)).as("what is at the target").isEqualTo(before);
        assertThat(SourceTraces.of(LAB).definition()).isEqualTo(definition);
        assertThat(SourceTraces.of(LAB).checkpoints()).hasSizeBetween(1, 4)
                .allSatisfy(name -> assertThat(name).startsWith("understudy-"));
        theReplicaCatchesUpAndCanTakeOver(LAB.guest().status().records().last());
    }

    private static GuestStatus theTestGuestRunsApart() throws IOException {
        LabGuest guest = LAB.lab().guest(TEST_VM, Lab.AMSTERDAM);
        GuestStatus status = guest.awaitAnswer(BOOT);
        assertThat(status.state()).isEqualTo("writing");
        IsolationProbe.Findings found = IsolationProbe.of(LAB, TEST_VM);
        assertThat(found.testGuest().byNeighbour()).as("a neighbour reaches the test guest").isTrue();
        assertThat(found.sourceGuest().byHost()).as("the target's host reaches the source guest").isTrue();
        assertThat(found.sourceGuest().byNeighbour()).as("a neighbour reaches the source guest").isFalse();
        assertThat(found.machine().byHost()).as("the target's host reaches the vault").isTrue();
        assertThat(found.machine().byNeighbour()).as("a neighbour reaches the vault").isFalse();
        assertThat(found.machineReachesTestGuest()).as("this machine reaches the test guest").isFalse();
        assertThat(found.sourceHostReachesTestGuest()).as("the source's host reaches the test guest").isFalse();
        return status;
    }

    private void theReplicaCatchesUpAndCanTakeOver(long record) throws IOException {
        // What the vault tells of positions may be some cycles old; the instant of a point is its own.
        Instant now = Clock.systemUTC().instant();
        long then = Await.atMost(REPLICATION).until("a recovery point from after the test",
                () -> LAB.vault().recoveryPoints(LAB.vm()).stream().filter(point -> point.capturedAt().isAfter(now))
                        .mapToLong(point -> Long.parseLong(point.id().substring(point.id().indexOf('-') + 1))).min(),
                OptionalLong::isPresent).orElseThrow();
        Await.atMost(REPLICATION).until("position " + then + " to be applied after the test",
                () -> LAB.item().progress().applied().orElseThrow(), applied -> applied.sequence() >= then);
        LAB.stopAgent(Lab.AMSTERDAM);
        try (CopiedReplicas copied = CopiedReplicas.of(LAB.replicas(Lab.AMSTERDAM), scratch)) {
            Replica replica = copied.replica(LAB.item().id());
            GuestRecords records = copied.disks(replica, replica.points().latest()).records();
            assertThat(records.faults()).isEmpty();
            assertThat(records.lastOnBoth()).isGreaterThanOrEqualTo(record);
        } finally {
            LAB.startAgent(Lab.AMSTERDAM);
        }
    }

    private static LogPosition acknowledged() {
        ItemView item = LAB.item();
        return item.progress().acknowledged().orElseThrow();
    }

    private static Map<String, String> replicaHashes() throws IOException {
        Map<String, String> hashes = new TreeMap<>();
        for (Path disk : LAB.replicaDisks()) {
            hashes.put(disk.getFileName().toString(), DiskHash.ofRaw(disk));
        }
        assertThat(hashes).hasSize(2);
        return hashes;
    }
}
