package org.understudy.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.understudy.replica.ReplicaWorld.VDA;
import static org.understudy.replica.ReplicaWorld.VDB;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.disk.BlockHasher;
import org.understudy.model.Consistency;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;

/** A replica tells what its disks hold at a position, and nothing when they are not at it. */
class DiskHashesTest {
    private static final UUID KEY = UUID.randomUUID();

    @TempDir
    Path folder;

    private ReplicaWorld world;

    @BeforeEach
    void makeWorld() throws IOException {
        world = ReplicaWorld.keepingAll(folder, 5);
    }

    @AfterEach
    void closeWorld() throws IOException {
        world.close();
    }

    @Test
    void tellsJustWhatEachBlockHoldsAlsoTheShortLastOne() throws IOException {
        LogPosition position = world.cycle(Consistency.CRASH);
        for (DiskName disk : new DiskName[] {VDA, VDB}) {
            ByteBuffer expected = expected(disk);
            int blocks = expected.remaining() / BlockHasher.HASH_BYTES;
            assertThat(hashes(disk, position, 0, blocks)).contains(expected);
            assertThat(hashes(disk, position, 1, 2)).contains(expected.slice(16, 32));
        }
    }

    @Test
    void holesAreZeroesWhateverTheKey() throws IOException {
        assertThat(hashes(VDA, LogPosition.startOf(1), 0, 17)).contains(ByteBuffer.allocate(17 * 16));
    }

    @Test
    void tellsNothingOfAPositionThatIsNotAppliedOrIsAnother() throws IOException {
        LogPosition one = world.cycle(Consistency.CRASH);
        LogPosition two = world.capture(Consistency.CRASH);
        world.ship(two);
        assertThat(hashes(VDA, one, 0, 1)).isEmpty();
        assertThat(hashes(VDA, two, 0, 1)).isEmpty();
        world.replica().applyPending();
        assertThat(hashes(VDA, two, 0, 1)).isPresent();
        assertThat(hashes(VDA, one, 0, 1)).isEmpty();
    }

    @Test
    void refusesBlocksThatTheDiskDoesNotHave() throws IOException {
        LogPosition position = world.cycle(Consistency.CRASH);
        long[][] wrong = {{0, 18}, {17, 1}, {-1, 1}, {0, 0}, {Long.MAX_VALUE, 1}, {3, Integer.MAX_VALUE}};
        for (long[] range : wrong) {
            assertThatExceptionOfType(FailureException.class)
                    .isThrownBy(() -> hashes(VDA, position, range[0], (int) range[1]))
                    .satisfies(e -> assertThat(e.failure().code()).isEqualTo(FailureCode.REQUEST_INVALID));
        }
        assertThatExceptionOfType(FailureException.class)
                .isThrownBy(() -> hashes(new DiskName("vdz"), position, 0, 1));
    }

    private Optional<ByteBuffer> hashes(DiskName disk, LogPosition position, long first, int blocks)
            throws IOException {
        return world.replica().divergence().hashes(disk, position, KEY, first, blocks);
    }

    private ByteBuffer expected(DiskName disk) throws IOException {
        byte[] raw = Files.readAllBytes(world.rawFile(disk));
        BlockHasher hasher = new BlockHasher(KEY);
        ByteBuffer hashes = ByteBuffer.allocate((int) BlockHasher.blocks(raw.length) * BlockHasher.HASH_BYTES);
        for (int at = 0; at < raw.length; at += BlockHasher.BLOCK_BYTES) {
            hasher.hash(ByteBuffer.wrap(raw, at, Math.min(BlockHasher.BLOCK_BYTES, raw.length - at)), hashes);
        }
        return hashes.flip();
    }
}
