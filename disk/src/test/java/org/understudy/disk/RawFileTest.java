package org.understudy.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.model.ByteCount;
import org.understudy.model.Extent;

/** A raw file keeps the contract, and takes only the space it needs. */
class RawFileTest extends BlockDeviceContract {
    @TempDir
    private Path folder;

    @Override
    protected BlockDevice openEmpty() throws IOException {
        return RawFile.create(folder.resolve("disk"), SIZE);
    }

    private static long spaceOf(Path file) throws IOException {
        // 512-byte blocks, as stat(2) counts them.
        return 512L * Long.parseLong(new String(new ProcessBuilder("stat", "-c", "%b", file.toString()).start()
                .getInputStream().readAllBytes()).strip());
    }

    @Test
    void takesNoSpaceUntilWrittenAndGivesItBackWhenZeroed() throws IOException {
        Path file = folder.resolve("sparse");
        try (RawFile disk = RawFile.create(file, ByteCount.ofGibibytes(64))) {
            assertThat(Files.size(file)).isEqualTo(64L << 30);
            assertThat(spaceOf(file)).isLessThan(1 << 20);
            disk.write(32L << 30, ByteBuffer.wrap(random(4 << 20, 1)));
            disk.flush();
            assertThat(spaceOf(file)).isGreaterThanOrEqualTo(4 << 20);
            disk.zero(new Extent(32L << 30, 4 << 20));
            disk.flush();
            assertThat(spaceOf(file)).isLessThan(1 << 20);
            assertThat(Files.size(file)).isEqualTo(64L << 30);
        }
    }

    @Test
    void findsWhatIsAllocated() throws IOException {
        try (RawFile disk = RawFile.create(folder.resolve("sparse"), ByteCount.ofMebibytes(64))) {
            Extent whole = new Extent(0, 64 << 20);
            assertThat(disk.allocated(whole)).isEmpty();
            disk.write(8 << 20, ByteBuffer.wrap(random(1 << 20, 1)));
            disk.write(63 << 20, ByteBuffer.wrap(random(1 << 20, 1)));
            assertThat(disk.allocated(whole))
                    .containsExactly(new Extent(8 << 20, 1 << 20), new Extent(63 << 20, 1 << 20));
            assertThat(disk.allocated(new Extent((8 << 20) + 4096, 1 << 20)))
                    .containsExactly(new Extent((8 << 20) + 4096, (1 << 20) - 4096));
        }
    }

    @Test
    void neverMakesADiskOverAFileNorOpensOneThatIsNotThere() throws IOException {
        Path file = Files.writeString(folder.resolve("there"), "content");
        assertThatThrownBy(() -> RawFile.create(file, SIZE)).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(file).hasContent("content");
        assertThatThrownBy(() -> RawFile.open(folder.resolve("not"))).isInstanceOf(NoSuchFileException.class);
    }
}
