package org.understudy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.lab.GuestRecords;
import org.understudy.lab.GuestSize;
import org.understudy.lab.Lab;
import org.understudy.lab.deployment.Await;
import org.understudy.model.ByteCount;
import org.understudy.model.Consistency;
import org.understudy.model.LogPosition;
import org.understudy.model.RecoveryPoint;
import org.understudy.replica.Replica;

/**
 * The claim that everything else rests on: what a recovery point gives back is, to the last byte, what the source's
 * disks held at that instant, all disks together. The source runs the product's agent with a witness beside it; a guest
 * writes as fast as it can.
 */
class EveryPointEqualsTheSourceTest {
    private static final int POINTS = 50;
    /** A few more are witnessed than are needed: the last cycles may not have been acknowledged when all is stopped. */
    private static final int WITNESSED = POINTS + 2;
    private static final int SEQUENCES_BETWEEN_CHURNS = 6;
    private static final ByteCount CHURN = ByteCount.ofMebibytes(4);

    @RegisterExtension
    static final AcceptanceLab LAB = AcceptanceLab.named("points").withGuest(GuestSize.SMALL
            .withDisks(ByteCount.ofMebibytes(96), ByteCount.ofMebibytes(48)).withRecordsPerSecond(0));

    @TempDir
    private Path scratch;

    @Test
    void andTheGuestsRecordsAreAGaplessPrefixOnBothDisksAtEachOfThem() throws IOException {
        WitnessNotes notes = new WitnessNotes(scratch.resolve("notes.jsonl"));
        LAB.replaceAgentByWitness(Lab.STOCKHOLM, notes);
        LAB.protect();
        writeUntilEnoughIsWitnessed(notes);
        LogPosition acknowledged = stopReplication();

        try (CopiedReplicas copied = CopiedReplicas.of(LAB.replicas(Lab.AMSTERDAM), scratch)) {
            Replica replica = copied.replica(LAB.item().id());
            List<RecoveryPoint> points = oldestFirst(replica);
            LogPosition last = points.getLast().position();
            assertThat(acknowledged.isAfter(last)).as("%s, acknowledged, is missing", acknowledged).isFalse();
            assertThat(points).hasSizeGreaterThanOrEqualTo(POINTS)
                    .allSatisfy(point -> assertThat(point.consistency()).isEqualTo(Consistency.CRASH));
            long records = compareAll(copied, replica, points, notes.bySequence());
            assertThat(records).as("the guest wrote meanwhile").isPositive();
            System.out.printf("compared %d recovery points %s to %s with the witness: equal; records up to %d%n",
                    points.size(), points.getFirst().position(), last, records);
        }
    }

    private void writeUntilEnoughIsWitnessed(WitnessNotes notes) throws IOException {
        long first = notes.bySequence().lastKey();
        for (long sequence = first; sequence < first + WITNESSED; sequence += SEQUENCES_BETWEEN_CHURNS) {
            LAB.guest().churn(CHURN);
            long awaited = sequence + SEQUENCES_BETWEEN_CHURNS;
            Await.atMost(Duration.ofMinutes(2)).until("the witness of cycle " + awaited,
                    () -> notes.bySequence().lastKey(), seen -> seen >= awaited);
        }
    }

    /** A position that was acknowledged; nothing of the product writes anywhere afterwards. */
    private static LogPosition stopReplication() throws IOException {
        LogPosition acknowledged = LAB.item().progress().acknowledged().orElseThrow();
        LAB.stopWitness();
        LAB.stopAgent(Lab.AMSTERDAM);
        return acknowledged;
    }

    private static List<RecoveryPoint> oldestFirst(Replica replica) {
        List<RecoveryPoint> points = new ArrayList<>(replica.points().newestFirst());
        points.sort(Comparator.comparingLong(point -> point.position().sequence()));
        return points;
    }

    /** Answers the number of the last record of the last point. */
    private static long compareAll(
            CopiedReplicas copied, Replica replica, List<RecoveryPoint> points,
            NavigableMap<Long, WitnessNotes.Note> witnessed) throws IOException {
        long before = 0;
        for (RecoveryPoint point : points) {
            CopiedReplicas.PointDisks disks = copied.disks(replica, point);
            WitnessNotes.Note note = witnessed.get(point.position().sequence());
            assertThat(disks.hashes()).as("disks of point %s", point.position()).isEqualTo(note.disks());
            assertThat(point.capturedAt()).isEqualTo(note.takenAt());
            GuestRecords records = disks.records();
            assertThat(records.faults()).as("records of point %s", point.position()).isEmpty();
            assertThat(records.lastOnBoth()).as("last record of point %s", point.position())
                    .isGreaterThanOrEqualTo(before);
            before = records.lastOnBoth();
        }
        return before;
    }
}
