package org.understudy.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.model.Extent;

/** What real servers say of holes and changes arrives as they mean it. */
class NbdStatusTest {
    private static final long MIB = 1 << 20;
    private static final Extent WHOLE = new Extent(0, 3L << 30);

    @TempDir
    private Path folder;

    private static List<Extent> extents(NbdDevice device, String context, Predicate<BlockStatus> of) {
        return StreamSupport.stream(device.status(context, WHOLE).spliterator(), false)
                .filter(of).map(BlockStatus::extent).toList();
    }

    private Path image() throws IOException {
        Path image = folder.resolve("disk.qcow2");
        NbdServerProcess.run("qemu-img", "create", "-q", "-f", "qcow2", image.toString(), "3G");
        NbdServerProcess.run("qemu-io", "-f", "qcow2", "-c", "write -q -P 7 1M 2M", "-c", "write -q -z 8M 1M", "-c",
                "write -q -P 9 2G 64k", image.toString());
        return image;
    }

    @Test
    void tellsHolesFromContentAndJoinsWhatTheServerSplits() throws IOException {
        try (NbdServerProcess server = NbdServerProcess.qemu(image(), "qcow2");
                NbdDevice device = server.connect(BlockStatus.BASE_ALLOCATION)) {
            assertThat(extents(device, BlockStatus.BASE_ALLOCATION, status -> !status.zero()))
                    .containsExactly(new Extent(MIB, 2 * MIB), new Extent(2048 * MIB, 64 << 10));
            long covered = 0;
            for (BlockStatus status : device.status(BlockStatus.BASE_ALLOCATION, WHOLE)) {
                assertThat(status.extent().offset()).isEqualTo(covered);
                covered = status.extent().end();
            }
            assertThat(covered).isEqualTo(WHOLE.end());
        }
    }

    @Test
    void tellsWhatChangedSinceABitmapWasMade() throws IOException {
        Path image = image();
        NbdServerProcess.run("qemu-img", "bitmap", "--add", image.toString(), "b0");
        NbdServerProcess.run("qemu-io", "-f", "qcow2", "-c", "write -q -P 5 1M 64k", "-c", "write -q -P 6 3000M 4k",
                image.toString());
        String context = BlockStatus.DIRTY_BITMAP_PREFIX + "b0";
        try (NbdServerProcess server = NbdServerProcess.qemu(image, "qcow2", "-r", "-B", "b0");
                NbdDevice device = server.connect(BlockStatus.BASE_ALLOCATION, context)) {
            assertThat(device.knows(context)).isTrue();
            assertThat(device.readOnly()).isTrue();
            assertThat(extents(device, context, BlockStatus::dirty))
                    .containsExactly(new Extent(MIB, 64 << 10), new Extent(3000 * MIB, 64 << 10));
            assertThatThrownBy(() -> device.write(0, ByteBuffer.allocate(1))).isInstanceOf(IOException.class)
                    .hasMessageContaining("read-only");
        }
    }

    @Test
    void saysWhichContextsTheServerDoesNotKnow() throws IOException {
        try (NbdServerProcess server = NbdServerProcess.qemu(image(), "qcow2");
                NbdDevice device = server.connect("qemu:dirty-bitmap:none")) {
            assertThat(device.knows("qemu:dirty-bitmap:none")).isFalse();
            assertThatThrownBy(() -> device.status("qemu:dirty-bitmap:none", WHOLE))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void walksAFragmentedDiskWhole() throws IOException {
        Path image = folder.resolve("fragments.qcow2");
        NbdServerProcess.run("qemu-img", "create", "-q", "-f", "qcow2", image.toString(), "3G");
        Random random = new Random(1);
        java.util.TreeSet<Long> clusters = new java.util.TreeSet<>();
        try (NbdServerProcess server = NbdServerProcess.qemu(image, "qcow2"); NbdDevice device = server.connect()) {
            for (int i = 0; i < 2000; i++) {
                long cluster = random.nextInt(49152 / 2) * 2L;
                clusters.add(cluster << 16);
                device.write(cluster << 16, ByteBuffer.wrap(new byte[] {1}));
            }
        }
        try (NbdServerProcess server = NbdServerProcess.qemu(image, "qcow2");
                NbdDevice device = server.connect(BlockStatus.BASE_ALLOCATION)) {
            assertThat(extents(device, BlockStatus.BASE_ALLOCATION, status -> !status.hole()).stream()
                    .map(Extent::offset).toList()).containsExactlyElementsOf(clusters);
        }
    }

    @Test
    void namesTheExportThatIsNotThere() throws IOException {
        try (NbdServerProcess server = NbdServerProcess.qemu(image(), "qcow2", "-x", "vda")) {
            assertThatThrownBy(() -> NbdDevice.connect(server.socket(), "vdz", List.of()))
                    .isInstanceOf(IOException.class).hasMessageContaining("vdz");
        }
    }

    @Test
    void failsARequestThatTheServerRefusesAndGoesOn() throws IOException {
        try (NbdServerProcess server = NbdServerProcess.nbdkit(folder, "--filter=error", "memory", "1M",
                "error-pread-rate=1", "error=EIO"); NbdDevice device = server.connect()) {
            assertThatThrownBy(() -> device.read(0, ByteBuffer.allocate(4096)))
                    .isInstanceOf(IOException.class).hasMessageContaining("EIO").hasMessageContaining("read at 0");
            device.write(0, ByteBuffer.allocate(4096));
        }
    }

    @Test
    void failsEverythingInFlightWhenTheServerDies() throws Exception {
        try (NbdServerProcess server = NbdServerProcess.nbdkit(folder, "--filter=delay", "memory", "64M",
                "rdelay=60"); NbdDevice device = server.connect()) {
            List<Thread> readers = new java.util.ArrayList<>();
            java.util.Queue<Throwable> failures = new java.util.concurrent.ConcurrentLinkedQueue<>();
            for (int i = 0; i < 40; i++) {
                readers.add(Thread.ofVirtual().start(() -> {
                    try {
                        device.read(0, ByteBuffer.allocate(1 << 20));
                    } catch (IOException e) {
                        failures.add(e);
                    }
                }));
            }
            server.kill();
            for (Thread reader : readers) {
                reader.join();
            }
            assertThat(failures).hasSize(40).allSatisfy(failure -> assertThat(failure).isInstanceOf(IOException.class));
            assertThatThrownBy(device::flush).isInstanceOf(IOException.class);
        }
    }

    @Test
    void closingEndsWhatWaitsForAServerThatHangs() throws Exception {
        try (NbdServerProcess server = NbdServerProcess.nbdkit(folder, "--filter=delay", "memory", "64M",
                "rdelay=60")) {
            NbdDevice device = server.connect();
            java.util.concurrent.CompletableFuture<Void> read = java.util.concurrent.CompletableFuture.runAsync(() -> {
                try {
                    device.read(0, ByteBuffer.allocate(4096));
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            device.close();
            server.kill();
            assertThatThrownBy(read::join).hasCauseInstanceOf(java.io.UncheckedIOException.class);
        }
    }
}
