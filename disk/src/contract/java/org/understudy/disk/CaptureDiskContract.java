package org.understudy.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.understudy.model.Extent;

/** What every kind of source shows of a disk at a point in time; a subclass for each. */
public abstract class CaptureDiskContract {
    protected static final int SIZE = (8 << 20) + 512;
    private static final Extent WHOLE = new Extent(0, SIZE);

    private final Random random = new Random(41);
    /** What the guest's disk holds. */
    private final byte[] content = new byte[SIZE];

    /** The guest writes; before the first write the disk of {@link #SIZE} reads as zeroes. */
    protected abstract void write(long offset, byte[] bytes) throws IOException;

    /** The disk as it is now, with what changed since the point before. */
    protected abstract CaptureDisk point() throws IOException;

    private void guestWrites() throws IOException {
        for (int i = 0; i < 6; i++) {
            byte[] bytes = new byte[512 * (1 + random.nextInt(300))];
            if (random.nextInt(4) > 0) {
                random.nextBytes(bytes);
            }
            int offset = random.nextInt((SIZE - bytes.length) / 512 + 1) * 512;
            System.arraycopy(bytes, 0, content, offset, bytes.length);
            write(offset, bytes);
        }
    }

    private static byte[] read(CaptureDisk disk, Extent extent) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) extent.length());
        disk.read(extent.offset(), bytes);
        assertThat(bytes.hasRemaining()).isFalse();
        return bytes.array();
    }

    @Test
    void showsTheDiskAsItWasHoweverTheGuestGoesOn() throws IOException {
        guestWrites();
        byte[] then = content.clone();
        try (CaptureDisk disk = point()) {
            guestWrites();
            assertThat(disk.size().bytes()).isEqualTo(SIZE);
            assertThat(Arrays.equals(read(disk, WHOLE), then)).isTrue();
        }
    }

    @Test
    void itsPartsAreAllOfItOnceAndWhatIsCalledZeroIsZero() throws IOException {
        guestWrites();
        try (CaptureDisk disk = point()) {
            for (Extent within : new Extent[] {WHOLE, new Extent(512, SIZE - 1024), new Extent(1 << 20, 65536)}) {
                long at = within.offset();
                for (CaptureDisk.Part part : disk.parts(within)) {
                    assertThat(part.extent().offset()).isEqualTo(at);
                    at = part.extent().end();
                    assertThat(part.zero() && !Arrays.equals(read(disk, part.extent()),
                            new byte[(int) part.extent().length()])).isFalse();
                }
                assertThat(at).isEqualTo(within.end());
            }
        }
    }

    @Test
    void namesEveryWriteSinceThePointBefore() throws IOException {
        guestWrites();
        byte[] before = content.clone();
        point().close();
        for (int round = 0; round < 3; round++) {
            guestWrites();
            try (CaptureDisk disk = point()) {
                assertThat(disk.knowsChanges()).isTrue();
                byte[] replica = before.clone();
                long end = 0;
                for (Extent changed : disk.changed(WHOLE)) {
                    assertThat(changed.offset()).isGreaterThanOrEqualTo(end);
                    end = changed.end();
                    System.arraycopy(read(disk, changed), 0, replica, (int) changed.offset(), (int) changed.length());
                }
                assertThat(Arrays.equals(replica, content)).isTrue();
            }
            before = content.clone();
        }
    }

    @Test
    void tellsNoChangesAtItsFirstPoint() throws IOException {
        try (CaptureDisk disk = point()) {
            assertThat(disk.knowsChanges()).isFalse();
            assertThatThrownBy(() -> disk.changed(WHOLE)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void refusesWhatLiesOutside() throws IOException {
        try (CaptureDisk disk = point()) {
            assertThatThrownBy(() -> disk.read(SIZE - 1, ByteBuffer.allocate(2)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> disk.parts(new Extent(1, SIZE))).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
