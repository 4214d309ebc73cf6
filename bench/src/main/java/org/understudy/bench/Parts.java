package org.understudy.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.understudy.capture.CaptureRange;
import org.understudy.capture.CaptureRequest;
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
import org.understudy.model.Extent;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;
import org.understudy.model.VmId;
import org.understudy.nbd.NbdCaptureDisk;
import org.understudy.replica.Replica;
import org.understudy.replica.ReplicaCatalog;
import org.understudy.replica.ReplicaDisk;
import org.understudy.replica.ReplicaSettings;
import org.understudy.replica.ReplicaSpec;
import org.understudy.replica.Retention;
import org.understudy.replication.FileSegment;
import org.understudy.replication.SegmentOffer;
import org.understudy.replication.SegmentReceiver;
import org.understudy.replication.TargetEnd;
import org.understudy.replication.wire.DroppingSession;
import org.understudy.replication.wire.ReplicationDialer;
import org.understudy.replication.wire.ReplicationServer;
import org.understudy.replication.wire.WireLimits;

/**
 * The product's parts one after the other, each over the content of one disk. Rates are of content, not of what the
 * disk could hold.
 */
final class Parts {
    private static final DiskName DISK = new DiskName("vda");
    private static final int READERS = 4;
    private static final int READ_AT_ONCE = 4 << 20;
    private static final int PIECE = 1 << 20;
    private static final long GENERATION = 1;

    private final ItemId item = new ItemId(UUID.randomUUID());
    private final VmId vm = new VmId(UUID.randomUUID());
    private final HostId source = HostId.random();
    private final HostId target = HostId.random();
    private final Clock clock;
    private final Path folder;
    private final Sink sink;
    private long content;
    private boolean shipped;

    /** Takes what was measured. */
    @FunctionalInterface
    interface Sink {
        void take(Figure figure, double value);
    }

    /**
     * Measures nothing yet.
     *
     * @param folder for logs and a replica, on a host's disk
     */
    Parts(Clock clock, Path folder, Sink sink) {
        this.clock = clock;
        this.folder = folder;
        this.sink = sink;
    }

    void measure(Path socket) throws IOException {
        LogDirectory logs = new LogDirectory(folder.resolve("logs"), LogKind.CHANGE);
        ByteCount size;
        try (CaptureDisk disk = NbdCaptureDisk.connect(socket, DISK.value(), Optional.empty())) {
            size = disk.size();
            read(disk);
            read(disk);
            // The first two are shipped, journaled and applied: the second overwrites what the first brought.
            capture(disk, logs, 1, Compression.ZSTD);
            capture(disk, logs, 2, Compression.ZSTD);
            for (int i = 0; i < 2; i++) {
                capture(disk, logs, 3, Compression.NONE);
                logs.delete(DISK, at(3));
            }
        }
        ship(logs);
        ship(logs);
        receiveAndApply(logs, size);
        for (LogPosition position : logs.list(DISK, GENERATION)) {
            logs.delete(DISK, position);
        }
        Files.delete(logs.folder());
    }

    /** All that is allocated, by several threads, each with several requests in flight. */
    private void read(CaptureDisk disk) throws IOException {
        List<Extent> pieces = new ArrayList<>();
        content = 0;
        for (CaptureDisk.Part part : disk.parts(new Extent(0, disk.size().bytes()))) {
            Extent extent = part.extent();
            for (long at = extent.offset(); !part.zero() && at < extent.end(); at += READ_AT_ONCE) {
                pieces.add(new Extent(at, Math.min(READ_AT_ONCE, extent.end() - at)));
                content += pieces.getLast().length();
            }
        }
        long began = System.nanoTime();
        try (ExecutorService readers = Executors.newFixedThreadPool(READERS)) {
            List<Future<?>> working = new ArrayList<>();
            for (int reader = 0; reader < READERS; reader++) {
                int first = reader;
                working.add(readers.submit(() -> {
                    ByteBuffer buffer = ByteBuffer.allocateDirect(READ_AT_ONCE);
                    for (int i = first; i < pieces.size(); i += READERS) {
                        disk.read(pieces.get(i).offset(), buffer.clear().limit((int) pieces.get(i).length()));
                    }
                    return null;
                }));
            }
            for (Future<?> reader : working) {
                reader.get();
            }
        } catch (InterruptedException | ExecutionException e) {
            throw new IOException("the disk could not be read", e);
        }
        sample(Figure.PART_READ, began);
    }

    private void capture(CaptureDisk disk, LogDirectory logs, long sequence, Compression compression)
            throws IOException {
        ChangeLogHeader header = new ChangeLogHeader(vm, DISK, at(sequence), sequence - 1,
                disk.size(), disk.size(), clock.instant(), Consistency.CRASH);
        CaptureRequest request = new CaptureRequest(disk,
                new CaptureRange(ByteCount.ZERO, disk.size()), TargetContent.BLANK);
        try (DiskCapture capture = new DiskCapture(DiskCapture.LANES, compression);
                ChangeLogWriter writer = logs.begin(header, compression)) {
            long began = System.nanoTime();
            capture.capture(request, writer, () -> { });
            logs.close(writer);
            sample(compression == Compression.NONE ? Figure.PART_LOG_PLAIN : Figure.PART_LOG, began);
        }
    }

    private void ship(LogDirectory logs) throws IOException {
        BenchIdentities identities = new BenchIdentities(clock);
        InetAddress here = InetAddress.getLoopbackAddress();
        try (ReplicationServer server = ReplicationServer.listen(new InetSocketAddress(here, 0),
                identities.of(target), greeting -> new DroppingSession(greeting.relationship().generation()),
                (peer, failure) -> { }, WireLimits.USUAL)) {
            ReplicationDialer dialer = new ReplicationDialer(item, target, here.getHostAddress(), server.port(),
                    identities.of(source), WireLimits.USUAL);
            try (TargetEnd end = dialer.dial(GENERATION)) {
                for (LogPosition position : logs.list(DISK, GENERATION)) {
                    long began = System.nanoTime();
                    end.ship(FileSegment.of(DISK, position, logs.file(DISK, position)), 0);
                    sample(shipped ? Figure.PART_TLS : Figure.PART_TLS_FIRST, began);
                    shipped = true;
                }
            }
        }
    }

    private void receiveAndApply(LogDirectory logs, ByteCount size) throws IOException {
        Path home = folder.resolve("replicas");
        try (ReplicaCatalog replicas = ReplicaCatalog.open(home, ReplicaSettings.usual(clock))) {
            Replica replica = replicas.create(new ReplicaSpec(item, GENERATION, vm, "bench", source,
                    List.of(new ReplicaDisk(DISK, size)), new Retention(0, Duration.ofHours(1))));
            replica.standing();
            for (LogPosition position : logs.list(DISK, GENERATION)) {
                long began = System.nanoTime();
                receive(replica, position, logs.file(DISK, position));
                sample(Figure.PART_JOURNAL, began);
                began = System.nanoTime();
                replica.applyPending();
                sample(position.sequence() == 1 ? Figure.PART_APPLY : Figure.PART_APPLY_UNDO, began);
            }
            replicas.remove(RelationshipId.first(item));
        }
        Files.delete(home.resolve("replicas.lock"));
        Files.delete(home);
    }

    private static void receive(Replica replica, LogPosition position, Path log) throws IOException {
        ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
        long capture = FileSegment.of(DISK, position, log).capture();
        try (SegmentReceiver receiver = replica.receive(new SegmentOffer(
                DISK, position, capture, new ByteCount(Files.size(log)), 0));
                FileChannel bytes = FileChannel.open(log, StandardOpenOption.READ)) {
            while (bytes.read(piece.clear()) >= 0) {
                receiver.accept(piece.flip());
            }
            receiver.durable();
        }
        replica.acknowledge(position);
    }

    private void sample(Figure figure, long beganNanos) {
        sink.take(figure, content / 1e6 / ((System.nanoTime() - beganNanos) / 1e9));
    }

    private static LogPosition at(long sequence) {
        return new LogPosition(GENERATION, sequence);
    }
}
