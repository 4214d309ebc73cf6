package org.understudy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.lab.GuestSize;
import org.understudy.lab.Lab;
import org.understudy.lab.deployment.Await;
import org.understudy.model.ByteCount;
import org.understudy.model.ItemId;
import org.understudy.model.RecoveryPoint;
import org.understudy.replica.Replica;

/**
 * Other tools work on a VM while it is replicated every second: theirs get through, ours waits and goes on by itself,
 * and every point looked at is what a witness saw at the source. Once each; {@code -Dunderstudy.times=N} makes more
 * ({@code ./dev campaign neighbours}).
 */
class OtherToolsWorkBesideReplicationTest {
    private static final int TIMES = Integer.getInteger("understudy.times", 1);
    private static final int POINTS_COMPARED_MAX = 60;
    /** A pause of half a minute, a cycle, and what a busy machine takes for both. */
    private static final Duration GOES_ON = Duration.ofMinutes(4);

    @RegisterExtension
    static final AcceptanceLab LAB = AcceptanceLab.named("beside").withGuest(GuestSize.SMALL
            .withDisks(ByteCount.ofMebibytes(96), ByteCount.ofMebibytes(48)));

    @TempDir
    private Path scratch;

    private String item;
    private final Map<Neighbour, Row> rows = new EnumMap<>(Neighbour.class);

    /** What was met with one of them. */
    private static final class Row {
        private int times;
        private int worked;
        private int oursHalted;
        private int qemuDied;
        private final List<String> theirFailures = new ArrayList<>();
        private long slowestMillis;
    }

    @Test
    void andEveryPointStaysEqualToTheSource() throws IOException {
        WitnessNotes notes = new WitnessNotes(scratch.resolve("notes.jsonl"));
        LAB.replaceAgentByWitness(Lab.STOCKHOLM, notes);
        item = LAB.protect().id().toString();
        try {
            for (int i = 0; i < TIMES; i++) {
                for (Neighbour neighbour : Neighbour.values()) {
                    if (neighbour.isHere()) {
                        beside(neighbour);
                    }
                }
            }
        } finally {
            print();
        }
        assertThat(rows.values()).allSatisfy(row -> {
            assertThat(row.worked).isEqualTo(row.times);
            assertThat(row.oursHalted).isZero();
        });
        LAB.stopWitness();
        LAB.stopAgent(Lab.AMSTERDAM);
        System.out.println("points equal to the source: " + compare(notes));
    }

    private void beside(Neighbour neighbour) throws IOException {
        Row row = rows.computeIfAbsent(neighbour, _ -> new Row());
        Neighbour.Tools tools = new Neighbour.Tools(LAB);
        row.times++;
        long began = System.nanoTime();
        try {
            neighbour.work(tools);
            row.worked++;
        } catch (IOException e) {
            System.out.println(neighbour + " did not get through: " + e.getMessage() + " "
                    + Arrays.toString(e.getSuppressed()));
        } finally {
            row.theirFailures.addAll(tools.failures());
            row.qemuDied += tools.deaths();
        }
        long acknowledged = acknowledged();
        try {
            Await.atMost(GOES_ON).until("a cycle after " + neighbour, this::acknowledged,
                    now -> now > acknowledged + 1);
        } catch (IOException | AssertionError e) {
            row.oursHalted++;
            System.out.println("did not go on after " + neighbour + ": " + LAB.vault().item(item).trouble() + " "
                    + e.getMessage());
            LAB.succeeded(LAB.vault().resume(item));
        }
        row.slowestMillis = Math.max(row.slowestMillis, (System.nanoTime() - began) / 1_000_000);
    }

    /** Of the item by its id: its name follows that of its VM, which a neighbour changes. */
    private long acknowledged() {
        return LAB.vault().item(item).progress().acknowledged().orElseThrow().sequence();
    }

    private void print() {
        System.out.printf("%-26s %6s %7s %12s %11s %10s %9s%n",
                "beside us", "times", "worked", "their fails", "ours halted", "QEMU died", "slowest");
        rows.forEach((neighbour, row) -> System.out.printf("%-26s %6d %7d %12d %11d %10d %7d s%n", neighbour,
                row.times, row.worked, row.theirFailures.size(), row.oursHalted, row.qemuDied,
                row.slowestMillis / 1000));
        rows.forEach((neighbour, row) -> row.theirFailures.stream().distinct().limit(5)
                .forEach(failure -> System.out.println("  " + neighbour + ": " + failure)));
    }

    /** How many of the replica's points were compared; they are spread over the whole run. */
    private long compare(WitnessNotes witnessed) throws IOException {
        long compared = 0;
        try (CopiedReplicas copied = CopiedReplicas.of(LAB.replicas(Lab.AMSTERDAM), scratch)) {
            Replica replica = copied.replica(ItemId.parse(item));
            List<RecoveryPoint> points = replica.points().newestFirst();
            int step = Math.max(1, points.size() / POINTS_COMPARED_MAX);
            for (int i = 0; i < points.size(); i += step) {
                RecoveryPoint point = points.get(i);
                WitnessNotes.Note seen = witnessed.of(point).orElseThrow(
                        () -> new AssertionError("seen by no witness: " + point));
                CopiedReplicas.PointDisks disks = copied.disks(replica, point);
                assertThat(disks.hashes()).as("disks of point %s", point.position())
                        .isEqualTo(seen.disks());
                compared++;
            }
        }
        assertThat(compared).isPositive();
        return compared;
    }
}
