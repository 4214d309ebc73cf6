package org.understudy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.api.ItemView;
import org.understudy.lab.GuestSize;
import org.understudy.lab.Lab;
import org.understudy.lab.deployment.Await;
import org.understudy.model.ByteCount;
import org.understudy.model.LogPosition;
import org.understudy.model.RecoveryPoint;
import org.understudy.replica.Replica;

/**
 * The host's memory of what changed dies with QEMU. Replication then covers the disks anew by itself, over what the
 * target holds; what it arrives at is the source to the last byte, and the points of before are as good as they were.
 */
class LostTrackIsCoveredAnewTest {
    private static final Duration LONG = Duration.ofMinutes(3);

    @RegisterExtension
    static final AcceptanceLab LAB = AcceptanceLab.named("resync").withGuest(GuestSize.SMALL
            .withDisks(ByteCount.ofMebibytes(96), ByteCount.ofMebibytes(48)));

    @TempDir
    private Path scratch;

    @Test
    void andEarlierPointsStayAsGoodAsTheyWereWhenQemuIsKilled() throws IOException {
        WitnessNotes notes = new WitnessNotes(scratch.resolve("notes.jsonl"));
        LAB.replaceAgentByWitness(Lab.STOCKHOLM, notes);
        ItemView before = LAB.protect();
        LogPosition held = before.progress().acknowledged().orElseThrow();

        atStockholm("sh", "-c", "kill -9 $(cat /run/libvirt/qemu/" + LAB.vm() + ".pid)");
        Await.atMost(LONG).until("the death of QEMU", () -> atStockholm("virsh", "domstate", LAB.vm()),
                state -> state.startsWith("shut off"));
        atStockholm("virsh", "start", LAB.vm());
        ItemView after = LAB.deployment().awaitItem(LAB.vm(), "points after the loss",
                item -> item.latestPoint().isPresent() && isAfter(item, held, 3), LONG);
        assertThat(after.progress().covered()).isEqualTo(after.progress().total());
        LAB.stopWitness();
        LAB.stopAgent(Lab.AMSTERDAM);

        try (CopiedReplicas copied = CopiedReplicas.of(LAB.replicas(Lab.AMSTERDAM), scratch)) {
            Replica replica = copied.replica(LAB.item().id());
            List<RecoveryPoint> points = replica.points().newestFirst();
            assertThat(points).anyMatch(point -> !point.position().isAfter(held));
            assertThat(points).anyMatch(point -> point.position().isAfter(held));
            for (RecoveryPoint point : points) {
                CopiedReplicas.PointDisks disks = copied.disks(replica, point);
                assertThat(disks.hashes()).as("disks of point %s", point.position())
                        .isEqualTo(notes.bySequence().get(point.position().sequence()).disks());
                assertThat(disks.records().faults()).isEmpty();
            }
            System.out.printf("compared %d recovery points around a lost bitmap with the witness: equal%n",
                    points.size());
        }
    }

    private static String atStockholm(String... command) throws IOException {
        return Program.output(LAB.lab().exec(Lab.STOCKHOLM, command)).strip();
    }

    private static boolean isAfter(ItemView item, LogPosition held, long cycles) {
        String[] latest = item.latestPoint().orElseThrow().id().split("-");
        return Long.parseLong(latest[1]) >= held.sequence() + cycles;
    }
}
