package org.understudy.agent.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.capture.BlockTable;
import org.understudy.capture.CaptureRange;
import org.understudy.capture.CaptureRequest;
import org.understudy.capture.CaptureSummary;
import org.understudy.capture.DiskCapture;
import org.understudy.capture.TargetContent;
import org.understudy.changelog.ChangeLogHeader;
import org.understudy.changelog.ChangeLogWriter;
import org.understudy.changelog.Compression;
import org.understudy.changelog.LogDirectory;
import org.understudy.changelog.LogKind;
import org.understudy.disk.CaptureDisk;
import org.understudy.model.ByteCount;
import org.understudy.model.Consistency;
import org.understudy.model.DiskName;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.VmId;
import org.understudy.nbd.BlockStatus;
import org.understudy.nbd.NbdCaptureDisk;
import org.understudy.nbd.NbdDevice;
import org.understudy.nbd.NbdServerProcess;
import org.understudy.replica.Replica;
import org.understudy.replica.ReplicaCatalog;
import org.understudy.replica.ReplicaDisk;
import org.understudy.replica.ReplicaSettings;
import org.understudy.replica.ReplicaSpec;
import org.understudy.replica.Retention;
import org.understudy.replication.HashRequest;
import org.understudy.replication.SegmentOffer;
import org.understudy.replication.SegmentReceiver;

/**
 * A real image is covered anew over a real replica that holds an older state of it, while its guest writes: the replica
 * becomes the image, and little more than what differs is shipped. {@code -Dunderstudy.resync.mebibytes=8192} measures
 * a disk of 8 GiB.
 */
class CoveringAnewTest {
    private static final Logger LOG = LoggerFactory.getLogger(CoveringAnewTest.class);
    private static final DiskName VDA = new DiskName("vda");
    private static final long SIZE = Long.getLong("understudy.resync.mebibytes", 128) << 20;
    private static final long CHANGED = SIZE / 8;
    private static final int PIECE = 1 << 20;

    @TempDir
    private Path folder;

    private final DiskCapture capture = new DiskCapture(DiskCapture.LANES, Compression.ZSTD);
    private final VmId vm = VmId.random();
    private final ItemId item = ItemId.random();
    private final Random random = new Random(7);
    private LogPosition position = LogPosition.startOf(1);
    private Path image;
    private ReplicaCatalog catalog;
    private Replica replica;
    private long logBytes;
    private long hashBytes;
    private int bitmap;

    @AfterEach
    void close() throws IOException {
        capture.close();
        if (catalog != null) {
            catalog.close();
        }
    }

    @Tag("slow")
    @Test
    void shipsLittleMoreThanWhatDiffersAndArrivesAtTheSource() throws IOException {
        image = folder.resolve("vda.qcow2");
        NbdServerProcess.run("qemu-img", "create", "-q", "-f", "qcow2", image.toString(), "" + SIZE);
        catalog = ReplicaCatalog.open(folder.resolve("replicas"), ReplicaSettings.usual(Clock.systemUTC()));
        replica = catalog.create(new ReplicaSpec(item, 1, vm, "web01", HostId.random(),
                List.of(new ReplicaDisk(VDA, new ByteCount(SIZE))), new Retention(1, Duration.ZERO)));
        write(0, SIZE);
        cover(TargetContent.BLANK, Optional.empty(), 0);
        requireEqual();
        write(SIZE / 3, CHANGED);

        logBytes = 0;
        long began = System.nanoTime();
        TargetTables tables = new TargetTables(Map.of(VDA, new ByteCount(SIZE)), disk -> folder.resolve(disk + ".tbl"));
        UUID key = UUID.randomUUID();
        compare(tables, key);
        long compared = System.nanoTime();
        long later;
        try (BlockTable table = tables.open(VDA, key).orElseThrow()) {
            later = cover(TargetContent.UNKNOWN, Optional.of(table), 1 << 20);
        }
        requireEqual();
        long wire = logBytes + hashBytes;
        LOG.info("{} MiB covered anew, {} MiB differed: {} MiB shipped and {} KiB of hashes, {} of what differed; "
                + "hashed at {} MB/s, all in {} s", SIZE >> 20, CHANGED + later >> 20, logBytes >> 20, hashBytes >> 10,
                (double) wire / (CHANGED + later), SIZE * 1000 / (compared - began),
                Duration.ofNanos(System.nanoTime() - began).toSeconds());
        assertThat(wire).isLessThan((CHANGED + later) * 12 / 10);
    }

    /** As the source's chain asks, restarted after each answer. */
    private void compare(TargetTables tables, UUID key) throws IOException {
        TargetTables asking = tables;
        for (Optional<HashRequest> next = asking.wanted(key, position); next.isPresent();) {
            HashRequest asked = next.get();
            ByteBuffer hashes = replica.divergence().hashes(
                    asked.disk(), asked.position(), asked.key(), asked.firstBlock(), asked.blocks()).orElseThrow();
            hashBytes += hashes.remaining();
            asking.add(asked, hashes);
            asking = new TargetTables(Map.of(VDA, new ByteCount(SIZE)), disk -> folder.resolve(disk + ".tbl"));
            next = asking.wanted(key, position);
        }
        assertThat(replica.divergence().hashes(VDA, position.next(), key, 0, 1)).as("at no other position").isEmpty();
    }

    /** Covers all of it, slice by slice, and one cycle more; answers how many bytes the guest wrote meanwhile. */
    private long cover(TargetContent content, Optional<BlockTable> table, int guestWrites) throws IOException {
        ByteCount covered = ByteCount.ZERO;
        long written = 0;
        addBitmap();
        for (boolean last = false; !last;) {
            last = covered.bytes() == SIZE;
            String context = BlockStatus.DIRTY_BITMAP_PREFIX + "b" + bitmap;
            try (NbdServerProcess server = NbdServerProcess.qemu(image, "qcow2", "-r", "-B", "b" + bitmap);
                    CaptureDisk disk = NbdCaptureDisk.connect(server.socket(), "", Optional.of(context))) {
                CaptureRange range = DiskCapture.plan(disk, covered, ByteCount.ofMebibytes(256));
                ship(new CaptureRequest(disk, range, content, table));
                covered = range.coveredAfter();
            }
            NbdServerProcess.run("qemu-img", "bitmap", "--remove", image.toString(), "b" + bitmap);
            addBitmap();
            if (!last && guestWrites > 0) {
                write(random.nextInt((int) (SIZE / PIECE)) * (long) PIECE, guestWrites);
                written += guestWrites;
            }
        }
        return written;
    }

    private void addBitmap() throws IOException {
        bitmap++;
        NbdServerProcess.run("qemu-img", "bitmap", "--add", image.toString(), "b" + bitmap);
    }

    private void ship(CaptureRequest request) throws IOException {
        position = position.next();
        LogDirectory logs = new LogDirectory(folder.resolve("logs"), LogKind.CHANGE);
        ChangeLogHeader header = new ChangeLogHeader(vm, VDA, position, position.sequence() - 1, new ByteCount(SIZE),
                request.range().coveredAfter(), Instant.EPOCH.plusSeconds(position.sequence()), Consistency.PARTIAL);
        ChangeLogWriter writer = logs.begin(header, Compression.ZSTD);
        CaptureSummary summary = capture.capture(request, writer, () -> { });
        logs.close(writer);
        assertThat(summary.equalBytes().bytes()).isLessThanOrEqualTo(summary.comparedBytes().bytes());
        byte[] log = Files.readAllBytes(logs.file(VDA, position));
        logBytes += log.length;
        try (SegmentReceiver receiver = replica.receive(new SegmentOffer(
                VDA, position, header.capture(), new ByteCount(log.length), 0))) {
            receiver.accept(ByteBuffer.wrap(log));
            receiver.durable();
        }
        replica.acknowledge(position);
        replica.applyPending();
        logs.delete(VDA, position);
    }

    private void write(long offset, long length) throws IOException {
        try (NbdServerProcess server = NbdServerProcess.qemu(image, "qcow2"); NbdDevice device = server.connect()) {
            byte[] piece = new byte[PIECE];
            for (long at = offset; at < Math.min(SIZE, offset + length); at += PIECE) {
                random.nextBytes(piece);
                device.write(at, ByteBuffer.wrap(piece));
            }
        }
    }

    /** Fails when they are not. */
    private void requireEqual() throws IOException {
        Path raw = folder.resolve("replicas").resolve(item.toString()).resolve("vda.raw");
        NbdServerProcess.run("qemu-img", "compare", "-f", "qcow2", "-F", "raw", image.toString(), raw.toString());
    }
}
