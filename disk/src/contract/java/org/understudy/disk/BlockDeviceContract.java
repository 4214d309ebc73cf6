package org.understudy.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.understudy.model.ByteCount;
import org.understudy.model.Extent;

/** What every {@link BlockDevice} promises; each kind of device has a test that extends this. */
public abstract class BlockDeviceContract {
    /** Not a multiple of anything. */
    protected static final ByteCount SIZE = new ByteCount((5 << 20) + 512);

    protected BlockDevice device;

    /** A device of {@link #SIZE} on which nothing was written yet. */
    protected abstract BlockDevice openEmpty() throws Exception;

    @BeforeEach
    void openDevice() throws Exception {
        device = openEmpty();
    }

    @AfterEach
    void closeDevice() throws IOException {
        if (device != null) {
            device.close();
        }
    }

    @Test
    void hasItsSizeAndZeroesWhereNothingWasWritten() throws IOException {
        assertThat(device.size()).isEqualTo(SIZE);
        assertThat(read(0, (int) SIZE.bytes())).containsOnly(0);
    }

    @Test
    void readsWhatWasWrittenAtAnyByte() throws IOException {
        byte[] written = random((3 << 20) + 77, 1);
        device.write(4097, ByteBuffer.wrap(written));
        assertThat(Arrays.equals(read(4097, written.length), written)).isTrue();
        assertThat(read(4096, 1)).containsOnly(0);
        assertThat(read(4097 + written.length, 1)).containsOnly(0);
    }

    @Test
    void takesAndGivesDirectAndHeapBuffersFromTheirPositions() throws IOException {
        ByteBuffer source = ByteBuffer.allocateDirect(100).put(10, random(80, 2)).position(10).limit(90);
        device.write(5, source);
        assertThat(source.hasRemaining()).isFalse();
        ByteBuffer target = ByteBuffer.allocate(100).position(20);
        device.read(5, target);
        assertThat(target.hasRemaining()).isFalse();
        assertThat(Arrays.copyOfRange(target.array(), 20, 100)).isEqualTo(random(80, 2));
    }

    @Test
    void zeroesAnyExtentAndNothingBesideIt() throws IOException {
        byte[] written = random((int) SIZE.bytes(), 3);
        device.write(0, ByteBuffer.wrap(written));
        device.zero(new Extent(12345, 2_000_001));
        Arrays.fill(written, 12345, 12345 + 2_000_001, (byte) 0);
        assertThat(Arrays.equals(read(0, written.length), written)).isTrue();
        device.zero(new Extent(0, SIZE.bytes()));
        assertThat(read(0, written.length)).containsOnly(0);
    }

    @Test
    void refusesRangesOutsideAndTouchesNothing() throws IOException {
        long size = SIZE.bytes();
        assertThatThrownBy(() -> device.read(size - 1, ByteBuffer.allocate(2)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> device.write(size - 1, ByteBuffer.wrap(new byte[] {1, 1})))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> device.zero(new Extent(size - 1, 2))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> device.read(-1, ByteBuffer.allocate(1))).isInstanceOf(IllegalArgumentException.class);
        assertThat(read(size - 1, 1)).containsOnly(0);
    }

    @Test
    void readsAndWritesNothingAtTheEnd() throws IOException {
        device.read(SIZE.bytes(), ByteBuffer.allocate(0));
        device.write(SIZE.bytes(), ByteBuffer.allocate(0));
    }

    @Test
    void servesManyThreadsAtOnce() throws Exception {
        int part = (int) (SIZE.bytes() / 40);
        List<Callable<Boolean>> workers = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            int number = i;
            workers.add(() -> {
                byte[] written = random(part, number);
                device.write((long) number * part, ByteBuffer.wrap(written));
                return Arrays.equals(read((long) number * part, part), written);
            });
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Boolean> worker : threads.invokeAll(workers)) {
                assertThat(worker.get()).isTrue();
            }
        }
        device.flush();
    }

    @Test
    void equalsAnArrayAfterAnyWritesAndZeroes() throws IOException {
        byte[] model = new byte[(int) SIZE.bytes()];
        Random random = new Random(42);
        for (int i = 0; i < 200; i++) {
            int offset = random.nextInt(model.length - 1);
            int length = 1 + random.nextInt(Math.min(200_000, model.length - offset));
            if (random.nextInt(3) == 0) {
                device.zero(new Extent(offset, length));
                Arrays.fill(model, offset, offset + length, (byte) 0);
            } else {
                byte[] written = random(length, i);
                device.write(offset, ByteBuffer.wrap(written));
                System.arraycopy(written, 0, model, offset, length);
            }
        }
        device.flush();
        assertThat(Arrays.equals(read(0, model.length), model)).isTrue();
    }

    @Test
    void canBeClosedTwice() throws IOException {
        device.close();
        device.close();
        assertThatThrownBy(() -> read(0, 1)).isInstanceOf(IOException.class);
    }

    protected final byte[] read(long offset, int length) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(length);
        device.read(offset, target);
        return target.array();
    }

    protected static byte[] random(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
