package org.understudy.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.changelog.ChangeLogHeader;
import org.understudy.changelog.ChangeLogReader;
import org.understudy.changelog.ChangeLogWriter;
import org.understudy.changelog.Compression;
import org.understudy.changelog.Frame;
import org.understudy.changelog.LogDirectory;
import org.understudy.changelog.LogKind;
import org.understudy.disk.BlockHasher;
import org.understudy.disk.CaptureDisk;
import org.understudy.disk.DiskInMemory;
import org.understudy.model.ByteCount;
import org.understudy.model.Consistency;
import org.understudy.model.DiskName;
import org.understudy.model.Extent;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.model.VmId;
import org.understudy.nbd.BlockStatus;
import org.understudy.nbd.NbdCaptureDisk;
import org.understudy.nbd.NbdDevice;
import org.understudy.nbd.NbdServerProcess;

/** A replica that is given the logs of a capture, and nothing else, is the source. */
class DiskCaptureTest {
    private static final int SIZE = (32 << 20) + (64 << 10);
    private static final DiskName VDA = new DiskName("vda");
    private static final SpaceGuard UNGUARDED = () -> { };

    @TempDir
    private Path folder;

    private final DiskCapture capture = new DiskCapture(3, Compression.ZSTD);
    private long sequence;

    @AfterEach
    void freeLanes() {
        capture.close();
    }

    /** Overwrites the image as a guest would: content, blocks of zeroes, discards. */
    private void guestWrites(Path image, long seed, int writes) throws IOException {
        Random random = new Random(seed);
        try (NbdServerProcess server = NbdServerProcess.qemu(image, "qcow2", "--discard=unmap");
                NbdDevice device = server.connect()) {
            for (int i = 0; i < writes; i++) {
                int offset = random.nextInt(SIZE / 512) * 512;
                int length = Math.min(SIZE - offset, 512 * (1 + random.nextInt(random.nextBoolean() ? 8 : 5000)));
                byte[] bytes = new byte[length];
                switch (random.nextInt(4)) {
                    case 0 -> device.zero(new Extent(offset, length));
                    case 1 -> device.write(offset, ByteBuffer.wrap(bytes));
                    case 2 -> {
                        Arrays.fill(bytes, (byte) random.nextInt());
                        device.write(offset, ByteBuffer.wrap(bytes));
                    }
                    default -> {
                        random.nextBytes(bytes);
                        device.write(offset, ByteBuffer.wrap(bytes));
                    }
                }
            }
        }
    }

    private Path image() throws IOException {
        Path image = folder.resolve("disk.qcow2");
        NbdServerProcess.run("qemu-img", "create", "-q", "-f", "qcow2", image.toString(), "" + SIZE);
        return image;
    }

    private ChangeLogHeader header(CaptureRange range) {
        sequence++;
        return new ChangeLogHeader(VmId.random(), VDA, new LogPosition(1, sequence), sequence - 1, new ByteCount(SIZE),
                range.coveredAfter(), Instant.EPOCH, Consistency.PARTIAL);
    }

    /** The disk that a server shows. */
    private static CaptureDisk connect(NbdServerProcess server, Optional<String> dirty) throws IOException {
        return NbdCaptureDisk.connect(server.socket(), "", dirty);
    }

    private CaptureSummary captureInto(byte[] replica, CaptureRequest request) throws IOException {
        CaptureRange range = request.range();
        LogDirectory logs = new LogDirectory(folder.resolve("logs"), LogKind.CHANGE);
        ChangeLogWriter writer = logs.begin(header(range), Compression.NONE);
        CaptureSummary summary = capture.capture(request, writer, UNGUARDED);
        var log = logs.close(writer);
        assertThat(log.dataBytes()).isEqualTo(summary.dataBytes());
        assertThat(log.zeroBytes()).isEqualTo(summary.zeroBytes());
        try (ChangeLogReader reader = ChangeLogReader.open(logs.file(VDA, new LogPosition(1, sequence)))) {
            for (Optional<Frame> frame = reader.next(); frame.isPresent(); frame = reader.next()) {
                int offset = (int) frame.get().extent().offset();
                switch (frame.get()) {
                    case Frame.Zero zero -> Arrays.fill(replica, offset, (int) zero.extent().end(), (byte) 0);
                    case Frame.Data data -> data.bytes().get(replica, offset, data.bytes().remaining());
                }
            }
        }
        return summary;
    }

    private static byte[] contentOf(CaptureDisk disk, int length) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(length);
        disk.read(0, content);
        return content.array();
    }

    /** In memory, through eight worlds: slices of any length, any writes between, nothing that changed is forgotten. */
    @Tag("slow")
    @Test
    void makesTheReplicaEqualWhateverTheGuestWroteBetweenTheSlices() throws IOException {
        for (int seed = 0; seed < 8; seed++) {
            Random random = new Random(seed);
            DiskInMemory guest = new DiskInMemory(SIZE);
            byte[] replica = new byte[SIZE];
            ByteCount covered = ByteCount.ZERO;
            for (int afterwards = 0; afterwards < 2;) {
                for (int writes = random.nextInt(6); writes > 0; writes--) {
                    byte[] bytes = new byte[1 + random.nextInt(random.nextBoolean() ? 5000 : 3 << 20)];
                    Arrays.fill(bytes, (byte) random.nextInt(3));
                    guest.write(random.nextInt(SIZE - bytes.length), bytes);
                }
                try (CaptureDisk disk = guest.point()) {
                    CaptureRange range = DiskCapture.plan(
                            disk, covered, ByteCount.ofMebibytes(1 + random.nextInt(16)));
                    captureInto(replica, new CaptureRequest(disk, range, TargetContent.BLANK));
                    covered = range.coveredAfter();
                }
                int end = (int) covered.bytes();
                assertThat(Arrays.equals(replica, 0, end, guest.content(), 0, end)).as("seed %s", seed).isTrue();
                afterwards += end == SIZE ? 1 : 0;
            }
        }
    }

    @Tag("slow")
    @Test
    void makesTheReplicaEqualTheSourceSliceBySliceWhileTheGuestWrites() throws IOException {
        Path image = image();
        byte[] replica = new byte[SIZE];
        guestWrites(image, 1, 60);
        NbdServerProcess.run("qemu-img", "bitmap", "--add", image.toString(), "b0");
        ByteCount covered = ByteCount.ZERO;
        int cyclesAfterwards = 3;
        for (int cycle = 1; cyclesAfterwards > 0; cycle++) {
            String bitmap = "b" + (cycle - 1);
            String context = BlockStatus.DIRTY_BITMAP_PREFIX + bitmap;
            try (NbdServerProcess server = NbdServerProcess.qemu(image, "qcow2", "-r", "-B", bitmap);
                    CaptureDisk disk = connect(server, Optional.of(context))) {
                CaptureRange range = DiskCapture.plan(disk, covered, ByteCount.ofMebibytes(5));
                captureInto(replica, new CaptureRequest(disk, range, TargetContent.BLANK));
                covered = range.coveredAfter();
                int end = (int) covered.bytes();
                assertThat(Arrays.equals(replica, 0, end, contentOf(disk, end), 0, end)).isTrue();
            }
            if (covered.bytes() == SIZE) {
                cyclesAfterwards--;
            }
            NbdServerProcess.run("qemu-img", "bitmap", "--add", image.toString(), "b" + cycle);
            NbdServerProcess.run("qemu-img", "bitmap", "--remove", image.toString(), bitmap);
            guestWrites(image, 100 + cycle, 10);
        }
        assertThat(sequence).isGreaterThan(4);
    }

    @Test
    void overwritesWhateverTheTargetHeldWhenThatIsNotKnown() throws IOException {
        Path image = image();
        guestWrites(image, 5, 20);
        byte[] replica = new byte[SIZE];
        new Random(6).nextBytes(replica);
        try (NbdServerProcess server = NbdServerProcess.qemu(image, "qcow2", "-r");
                CaptureDisk disk = connect(server, Optional.empty())) {
            CaptureSummary summary = captureInto(replica, new CaptureRequest(
                    disk, new CaptureRange(ByteCount.ZERO, new ByteCount(SIZE)), TargetContent.UNKNOWN));
            assertThat(Arrays.equals(replica, contentOf(disk, SIZE))).isTrue();
            assertThat(summary.dataBytes().bytes() + summary.zeroBytes().bytes()).isEqualTo(SIZE);
        }
    }

    /** Whatever the target holds, however the slices lie, and although its table ends somewhere. */
    @Tag("slow")
    @Test
    void leavesOutWhatTheTargetHoldsAndNothingElse() throws IOException {
        for (int seed = 0; seed < 12; seed++) {
            Random random = new Random(seed);
            Path image = image();
            guestWrites(image, seed, 30);
            byte[] replica;
            try (NbdServerProcess server = NbdServerProcess.qemu(image, "qcow2", "-r");
                    CaptureDisk disk = connect(server, Optional.empty())) {
                replica = contentOf(disk, SIZE);
            }
            guestWrites(image, 100 + seed, random.nextInt(12));
            NbdServerProcess.run("qemu-img", "bitmap", "--add", image.toString(), "b");
            String context = BlockStatus.DIRTY_BITMAP_PREFIX + "b";
            long filled = random.nextBoolean() ? BlockHasher.blocks(SIZE) : 1 + random.nextInt(SIZE >> 16);
            try (BlockTable table = tableOf(replica, filled);
                    NbdServerProcess server = NbdServerProcess.qemu(image, "qcow2", "-r", "-B", "b");
                    CaptureDisk disk = connect(server, Optional.of(context))) {
                byte[] source = contentOf(disk, SIZE);
                long differs = differingBytes(source, replica, filled);
                long sent = 0;
                long compared = 0;
                for (ByteCount covered = ByteCount.ZERO; covered.bytes() < SIZE;) {
                    ByteCount slice = ByteCount.ofMebibytes(1 + random.nextInt(9));
                    CaptureRange range = DiskCapture.plan(disk, covered, slice);
                    CaptureSummary summary = captureInto(replica, new CaptureRequest(
                            disk, range, TargetContent.UNKNOWN, Optional.of(table)));
                    sent += summary.dataBytes().bytes() + summary.zeroBytes().bytes();
                    compared += summary.comparedBytes().bytes();
                    covered = range.coveredAfter();
                }
                assertThat(Arrays.equals(replica, source)).as("seed %s", seed).isTrue();
                assertThat(sent).as("seed %s", seed).isEqualTo(differs);
                assertThat(compared).isEqualTo(SIZE);
            }
        }
    }

    private BlockTable tableOf(byte[] content, long filled) throws IOException {
        UUID key = UUID.randomUUID();
        BlockHasher hasher = new BlockHasher(key);
        ByteBuffer hashes = ByteBuffer.allocate((int) filled * BlockHasher.HASH_BYTES);
        for (long block = 0; block < filled; block++) {
            int at = (int) block << 16;
            hasher.hash(ByteBuffer.wrap(content, at, Math.min(BlockHasher.BLOCK_BYTES, SIZE - at)), hashes);
        }
        BlockTable table = BlockTable.openOrCreate(folder.resolve("hashes.tbl"), key, new ByteCount(SIZE));
        table.add(0, hashes.flip());
        return table;
    }

    /** Bytes of the blocks that differ or of which nothing is known. */
    private static long differingBytes(byte[] one, byte[] other, long known) {
        long bytes = 0;
        for (int at = 0; at < SIZE; at += BlockHasher.BLOCK_BYTES) {
            int end = Math.min(SIZE, at + BlockHasher.BLOCK_BYTES);
            boolean equal = at >> 16 < known && Arrays.equals(one, at, end, other, at, end);
            bytes += equal ? 0 : end - at;
        }
        return bytes;
    }

    @Test
    void writesNothingWhenNothingChanged() throws IOException {
        Path image = image();
        guestWrites(image, 5, 20);
        NbdServerProcess.run("qemu-img", "bitmap", "--add", image.toString(), "b");
        String context = BlockStatus.DIRTY_BITMAP_PREFIX + "b";
        try (NbdServerProcess server = NbdServerProcess.qemu(image, "qcow2", "-r", "-B", "b");
                CaptureDisk disk = connect(server, Optional.of(context))) {
            CaptureSummary summary = captureInto(new byte[SIZE], new CaptureRequest(
                    disk, CaptureRange.upToDate(disk.size()), TargetContent.BLANK));
            assertThat(summary).isEqualTo(
                    new CaptureSummary(ByteCount.ZERO, ByteCount.ZERO, ByteCount.ZERO, ByteCount.ZERO,
                            ByteCount.ZERO, ByteCount.ZERO));
        }
    }

    @Test
    void writesBlocksOfZeroesAsZeroesThoughTheyWereWrittenAsContent() throws IOException {
        Path image = image();
        try (NbdServerProcess server = NbdServerProcess.qemu(image, "qcow2"); NbdDevice device = server.connect()) {
            device.write(0, ByteBuffer.allocate(4 << 20).put(3 << 20, (byte) 1));
        }
        byte[] replica = new byte[SIZE];
        try (NbdServerProcess server = NbdServerProcess.qemu(image, "qcow2", "-r");
                CaptureDisk disk = connect(server, Optional.empty())) {
            CaptureRange whole = new CaptureRange(ByteCount.ZERO, new ByteCount(SIZE));
            CaptureSummary summary = captureInto(replica, new CaptureRequest(disk, whole, TargetContent.BLANK));
            assertThat(summary.sliceBytes()).isEqualTo(ByteCount.ofMebibytes(4));
            assertThat(summary.dataBytes()).isEqualTo(ByteCount.ofKibibytes(64));
            assertThat(summary.zeroBytes()).isEqualTo(ByteCount.ZERO);
            assertThat(replica[3 << 20]).isEqualTo((byte) 1);
        }
    }

    @Test
    void endsBeforeTheGuestRunsOutOfSpace() throws IOException {
        Path image = image();
        guestWrites(image, 5, 5);
        try (NbdServerProcess server = NbdServerProcess.qemu(image, "qcow2", "-r");
                CaptureDisk disk = connect(server, Optional.empty());
                ChangeLogWriter writer = ChangeLogWriter.create(folder.resolve("log"),
                        header(CaptureRange.upToDate(ByteCount.ZERO)), Compression.NONE)) {
            CaptureRequest request = new CaptureRequest(
                    disk, new CaptureRange(ByteCount.ZERO, new ByteCount(SIZE)), TargetContent.BLANK);
            SpaceGuard guard = SpaceGuard.keepingFree(folder, ByteCount.ofGibibytes(1 << 20));
            assertThatThrownBy(() -> capture.capture(request, writer, guard))
                    .isInstanceOfSatisfying(FailureException.class,
                            e -> assertThat(e.failure().code()).isEqualTo(FailureCode.SOURCE_STORAGE_FULL))
                    .hasMessageContaining(folder.toString()).hasMessageContaining("1.0 PiB");
        }
        assertThat(Files.size(folder.resolve("log"))).isZero();
    }

    @Tag("slow")
    @Test
    void failsWhenTheServerDiesAndCanCaptureAgain() throws IOException {
        Path image = image();
        guestWrites(image, 5, 40);
        CaptureRange whole = new CaptureRange(ByteCount.ZERO, new ByteCount(SIZE));
        try (NbdServerProcess server = NbdServerProcess.qemu(image, "qcow2", "-r");
                CaptureDisk disk = connect(server, Optional.empty());
                ChangeLogWriter writer = ChangeLogWriter.create(folder.resolve("log"), header(whole),
                        Compression.NONE)) {
            CaptureRequest request = new CaptureRequest(disk, whole, TargetContent.BLANK);
            assertThatThrownBy(() -> capture.capture(request, writer, server::kill)).isInstanceOf(IOException.class);
        }
        byte[] replica = new byte[SIZE];
        try (NbdServerProcess server = NbdServerProcess.qemu(image, "qcow2", "-r");
                CaptureDisk disk = connect(server, Optional.empty())) {
            captureInto(replica, new CaptureRequest(disk, whole, TargetContent.BLANK));
            assertThat(Arrays.equals(replica, contentOf(disk, SIZE))).isTrue();
        }
    }

    @Test
    void refusesToGuessWhatChangedWithoutABitmap() throws IOException {
        try (NbdServerProcess server = NbdServerProcess.qemu(image(), "qcow2", "-r");
                CaptureDisk disk = connect(server, Optional.empty())) {
            assertThatThrownBy(() -> new CaptureRequest(
                    disk, CaptureRange.upToDate(new ByteCount(SIZE)), TargetContent.BLANK))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("without a dirty bitmap");
        }
    }
}
