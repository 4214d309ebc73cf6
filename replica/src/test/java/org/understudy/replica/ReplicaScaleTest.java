package org.understudy.replica;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.changelog.ChangeLogHeader;
import org.understudy.changelog.ChangeLogWriter;
import org.understudy.changelog.Compression;
import org.understudy.model.ByteCount;
import org.understudy.model.Consistency;
import org.understudy.model.DiskName;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.VmId;
import org.understudy.replication.SegmentOffer;
import org.understudy.replication.SegmentReceiver;

/** What a policy may ask for at most, and a host has: many points, many replicas, little memory. */
@Tag("slow")
@Timeout(600)
class ReplicaScaleTest {
    /** One a second for a day. */
    private static final int POINTS = 86_400;
    private static final DiskName VDA = new DiskName("vda");
    private static final ByteCount SIZE = ByteCount.ofMebibytes(1);

    /** In memory, where forcing a file costs nothing: a hundred thousand files are made here. */
    @TempDir(factory = InMemory.class)
    Path folder;
    private final SteppedClock clock = new SteppedClock();

    private ReplicaSpec spec() {
        return new ReplicaSpec(ItemId.random(), 1, VmId.random(), "web01", HostId.random(),
                List.of(new ReplicaDisk(VDA, SIZE)), new Retention(0, Duration.ofDays(1)));
    }

    private ReplicaCatalog open() throws IOException {
        return ReplicaCatalog.open(folder, ReplicaSettings.usual(clock));
    }

    @Test
    void keepsAPointOfEverySecondOfADay() throws IOException {
        ReplicaSpec spec = spec();
        try (ReplicaCatalog catalog = open()) {
            catalog.create(spec);
        }
        Path home = folder.resolve(spec.item().toString());
        Instant first = clock.instant();
        writeSteps(spec, home.resolve("undo"), first);
        clock.forward(Duration.ofSeconds(POINTS - 1));
        ReplicaInstant applied = new ReplicaInstant(new LogPosition(1, POINTS), clock.instant(), Consistency.CRASH);
        ReplicaJson.write(home.resolve("state.json"), new ReplicaState(
                applied, Map.of(VDA, SIZE), applied, false, false, new TreeSet<>()));
        long before = used();
        try (ReplicaCatalog catalog = open()) {
            assertThat(used() - before).as("bytes of a day of points").isLessThan(16 << 20);
            Replica replica = catalog.find(spec.relationship()).orElseThrow();
            assertThat(replica.report().points().count()).isEqualTo(POINTS);
            long began = System.nanoTime();
            for (int i = 1; i <= 20; i++) {
                clock.forward(Duration.ofSeconds(1));
                receive(replica, spec, new LogPosition(1, POINTS + i));
                replica.applyPending();
            }
            assertThat(System.nanoTime() - began).as("twenty cycles").isLessThan(Duration.ofSeconds(20).toNanos());
            replica.trimPoints();
            assertThat(replica.points().newestFirst()).hasSize(POINTS).first()
                    .satisfies(point -> assertThat(point.position().sequence()).isEqualTo(POINTS + 20));
        }
        try (ReplicaCatalog catalog = open()) {
            assertThat(catalog.find(spec.relationship()).orElseThrow().report().points().count()).isEqualTo(POINTS);
        }
    }

    private static void writeSteps(ReplicaSpec spec, Path undo, Instant first) throws IOException {
        for (int i = 1; i < POINTS; i++) {
            Path step = Files.createDirectory(undo.resolve("1-" + (i + 1) + "_1-" + i));
            ChangeLogHeader header = new ChangeLogHeader(spec.vm(), VDA, new LogPosition(1, i), i - 1, SIZE, SIZE,
                    first.plusSeconds(i - 1), Consistency.CRASH);
            try (ChangeLogWriter writer = ChangeLogWriter.create(step.resolve("vda.hru"), header, Compression.NONE)) {
                writer.finish();
            }
        }
    }

    private static void receive(Replica replica, ReplicaSpec spec, LogPosition position) throws IOException {
        Path log = Files.createTempFile("understudy-test", ".hrl");
        Files.delete(log);
        ChangeLogHeader header = new ChangeLogHeader(spec.vm(), VDA, position, position.sequence() - 1, SIZE, SIZE,
                Instant.parse("2026-03-01T10:00:00Z").plusSeconds(position.sequence() - 1), Consistency.CRASH);
        try (ChangeLogWriter writer = ChangeLogWriter.create(log, header, Compression.NONE)) {
            writer.data(0, ByteBuffer.allocateDirect(4096));
            writer.finish();
        }
        try (SegmentReceiver receiver = replica.receive(new SegmentOffer(
                VDA, position, header.capture(), new ByteCount(Files.size(log)), 0))) {
            receiver.accept(ByteBuffer.wrap(Files.readAllBytes(log)));
            receiver.durable();
        }
        replica.acknowledge(position);
        Files.delete(log);
    }

    @Test
    void opensFiveHundredReplicasWithoutABufferForEach() throws IOException {
        try (ReplicaCatalog catalog = open()) {
            for (int i = 0; i < 500; i++) {
                catalog.create(spec());
            }
        }
        System.gc();
        long before = direct();
        try (ReplicaCatalog catalog = open()) {
            assertThat(catalog.all()).hasSize(500);
            assertThat(catalog.unreadable()).isEmpty();
            assertThat(direct() - before).as("bytes of direct buffers").isLessThan(32 << 20);
        }
    }

    private static long direct() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct")).mapToLong(BufferPoolMXBean::getMemoryUsed).sum();
    }

    private static long used() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
