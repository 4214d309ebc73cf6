package org.understudy.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.disk.BlockHasher;
import org.understudy.model.ByteCount;

/** What is known of the target's blocks stays known, and what is not known is never made up. */
class BlockTableTest {
    private static final ByteCount SIZE = ByteCount.ofMebibytes(64);
    private static final UUID KEY = UUID.randomUUID();

    @TempDir
    private Path folder;
    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("hashes-vda.tbl");
    }

    private static ByteBuffer hashes(long seed, int count) {
        byte[] bytes = new byte[count * BlockHasher.HASH_BYTES];
        new Random(seed).nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }

    @Test
    void goesOnWhereItWasFilledAfterARestart() throws IOException {
        try (BlockTable table = BlockTable.openOrCreate(file, KEY, SIZE)) {
            assertThat(table.blocks()).isEqualTo(1024);
            table.add(0, hashes(1, 300));
        }
        try (BlockTable table = BlockTable.openOrCreate(file, KEY, SIZE)) {
            assertThat(table.filled()).isEqualTo(300);
            table.add(300, hashes(2, 724));
            assertThat(table.read(0, 300)).isEqualTo(hashes(1, 300));
            assertThat(table.read(300, 724)).isEqualTo(hashes(2, 724));
        }
    }

    @Test
    void knowsNothingOfAnotherComparisonOrAnotherDisk() throws IOException {
        try (BlockTable table = BlockTable.openOrCreate(file, KEY, SIZE)) {
            table.add(0, hashes(1, 300));
        }
        assertThat(BlockTable.open(file, UUID.randomUUID(), SIZE)).isEmpty();
        assertThat(BlockTable.open(file, KEY, ByteCount.ofMebibytes(65))).isEmpty();
        try (BlockTable table = BlockTable.openOrCreate(file, UUID.randomUUID(), SIZE)) {
            assertThat(table.filled()).isZero();
            assertThat(table.read(0, 300)).as("nothing is left of the other").isEqualTo(ByteBuffer.allocate(4800));
        }
        assertThat(BlockTable.open(file, KEY, SIZE)).isEmpty();
    }

    @Test
    void takesADamagedCountForNothing() throws IOException {
        try (BlockTable table = BlockTable.openOrCreate(file, KEY, SIZE)) {
            table.add(0, hashes(1, 300));
        }
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(519);
            bytes.write(99);
        }
        try (BlockTable table = BlockTable.openOrCreate(file, KEY, SIZE)) {
            assertThat(table.filled()).isZero();
            table.add(0, hashes(3, 300));
            assertThat(table.read(0, 300)).isEqualTo(hashes(3, 300));
        }
        Files.write(file, new byte[] {1, 2, 3});
        try (BlockTable table = BlockTable.openOrCreate(file, KEY, SIZE)) {
            assertThat(table.filled()).isZero();
        }
    }

    @Test
    void refusesWhatDoesNotFollow() throws IOException {
        try (BlockTable table = BlockTable.openOrCreate(file, KEY, SIZE)) {
            assertThatIllegalArgumentException().isThrownBy(() -> table.add(1, hashes(1, 1)));
            assertThatIllegalArgumentException().isThrownBy(() -> table.add(0, hashes(1, 1025)));
            assertThatIllegalArgumentException().isThrownBy(() -> table.add(0, ByteBuffer.allocate(17)));
            assertThatIllegalArgumentException().isThrownBy(() -> table.read(1000, 25));
            assertThatIllegalArgumentException().isThrownBy(() -> table.read(-1, 1));
        }
    }

    /** 16 TiB, the most that an image on ext4 can be: the table is a file, and what is zero takes no room. */
    @Tag("slow")
    @Test
    void takesNoMemoryAndLittleRoomForTheLargestDisk() throws IOException {
        ByteCount large = ByteCount.ofGibibytes(16 << 10);
        long blocks = BlockHasher.blocks(large.bytes());
        try (BlockTable table = BlockTable.openOrCreate(file, KEY, large)) {
            assertThat(table.blocks()).isEqualTo(blocks).isEqualTo(1L << 28);
            ByteBuffer zeroes = ByteBuffer.allocate(64 << 20);
            long step = zeroes.capacity() / BlockHasher.HASH_BYTES;
            for (long at = 0; at < blocks - step; at += step) {
                table.add(at, zeroes.duplicate());
            }
            table.add(blocks - step, zeroes.duplicate().limit((int) (step - 1) * BlockHasher.HASH_BYTES));
            table.add(blocks - 1, hashes(9, 1));
            assertThat(table.read(blocks - 1, 1)).isEqualTo(hashes(9, 1));
            assertThat(table.filled()).isEqualTo(blocks);
            assertThat(allocatedBytes()).isLessThan(1 << 20);
        }
    }

    private long allocatedBytes() throws IOException {
        Process stat = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
        return 512 * Long.parseLong(new String(stat.getInputStream().readAllBytes()).strip());
    }
}
