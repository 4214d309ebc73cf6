package org.understudy.changelog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.changelog.LogSample.Piece;
import org.understudy.model.Extent;

/** What the format promises, and the golden file that keeps version 1 what it is. */
class ChangeLogTest {
    private static final long GIB = 1L << 30;

    @TempDir
    private Path folder;

    private Path file() {
        return folder.resolve("vda.3-17.hrl");
    }

    private static List<Piece> goldenPieces() {
        return List.of(Piece.data(0, LogSample.bytes(4096, 1, true)),
                Piece.data(65536, LogSample.bytes(65536, 2, false)), Piece.zero(GIB, 1 << 20),
                Piece.data(4 * GIB - 1, new byte[] {42}));
    }

    @Test
    void readsTheGoldenFileOfVersionOne() throws Exception {
        Path golden = Path.of(getClass().getResource("version-1.hrl").toURI());
        assertThat(LogSample.read(golden)).isEqualTo(goldenPieces());
        try (ChangeLogReader reader = ChangeLogReader.open(golden)) {
            assertThat(reader.header()).isEqualTo(LogSample.header(17, 4 * GIB));
        }
    }

    @Test
    void writesTheGoldenFileOfVersionOneByteForByte() throws Exception {
        LogSample.write(file(), LogSample.header(17, 4 * GIB), Compression.NONE, goldenPieces());
        Path golden = Path.of(getClass().getResource("version-1-plain.hrl").toURI());
        assertThat(file()).hasSameBinaryContentAs(golden);
    }

    @Test
    void readsALogInWhichNothingChanged() throws IOException {
        ChangeLogSummary summary = LogSample.write(file(), LogSample.header(2, GIB), Compression.ZSTD, List.of());
        assertThat(LogSample.read(file())).isEmpty();
        assertThat(summary.fileBytes().bytes())
                .isEqualTo(LogFormat.HEADER_BYTES + LogFormat.FOOTER_BYTES)
                .isEqualTo(Files.size(file()));
    }

    @Test
    void splitsWhatIsLongerThanOneFrame() throws IOException {
        Piece data = Piece.data(7, LogSample.bytes((5 << 20) + 3, 9, true));
        ChangeLogSummary summary = LogSample.write(file(), LogSample.header(1, 8 * GIB), Compression.ZSTD,
                List.of(data, Piece.zero(2 * GIB, 3 * GIB)));
        assertThat(LogSample.read(file())).containsExactly(data, Piece.zero(2 * GIB, 3 * GIB));
        assertThat(summary.frames()).isEqualTo(6 + 3);
        assertThat(summary.dataBytes().bytes()).isEqualTo((5 << 20) + 3);
        assertThat(summary.zeroBytes().bytes()).isEqualTo(3 * GIB);
    }

    @Test
    void storesPlainWhatDoesNotCompress() throws IOException {
        ChangeLogSummary random = LogSample.write(file(), LogSample.header(1, GIB), Compression.ZSTD,
                List.of(Piece.data(0, LogSample.bytes(1 << 20, 1, true))));
        assertThat(random.fileBytes().bytes()).isEqualTo((1 << 20) + LogFormat.HEADER_BYTES
                + LogFormat.FRAME_HEAD_BYTES + LogFormat.FOOTER_BYTES);
        Path other = folder.resolve("vda.3-18.hrl");
        ChangeLogSummary dull = LogSample.write(other, LogSample.header(1, GIB), Compression.ZSTD,
                List.of(Piece.data(0, LogSample.bytes(1 << 20, 1, false))));
        assertThat(dull.fileBytes().bytes()).isLessThan(1 << 10);
    }

    @Test
    void refusesFramesThatDoNotAscendOrLeaveTheDisk() throws IOException {
        try (ChangeLogWriter writer = ChangeLogWriter.create(file(), LogSample.header(1, 8192), Compression.NONE)) {
            writer.data(4096, ByteBuffer.allocate(1024));
            assertThatThrownBy(() -> writer.zero(new Extent(5119, 1))).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> writer.data(0, ByteBuffer.allocate(1)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> writer.data(8000, ByteBuffer.allocate(193)))
                    .isInstanceOf(IllegalArgumentException.class);
            writer.zero(new Extent(5120, 3072));
            assertThat(writer.finish().frames()).isEqualTo(2);
            assertThatThrownBy(() -> writer.zero(new Extent(8191, 1))).isInstanceOf(IllegalStateException.class);
        }
        assertThat(LogSample.read(file())).hasSize(2);
    }

    @Test
    void neverWritesOverALog() throws IOException {
        LogSample.write(file(), LogSample.header(1, GIB), Compression.NONE, List.of());
        assertThatThrownBy(() -> ChangeLogWriter.create(file(), LogSample.header(1, GIB), Compression.NONE))
                .isInstanceOf(FileAlreadyExistsException.class);
    }

    @Test
    void tellsANewerAndAnOlderVersionFromDamage() throws IOException {
        LogSample.write(file(), LogSample.header(1, GIB), Compression.NONE, List.of());
        assertThat(reasonWithVersion(2)).isEqualTo(ChangeLogException.Reason.TOO_NEW);
        assertThat(reasonWithVersion(0)).isEqualTo(ChangeLogException.Reason.TOO_OLD);
    }

    private ChangeLogException.Reason reasonWithVersion(int version) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file()));
        bytes.putShort(8, (short) version);
        bytes.putInt(LogFormat.HEADER_BYTES - 4, LogFormat.checksum(bytes.slice(0, LogFormat.HEADER_BYTES - 4)));
        Path other = Files.write(folder.resolve("version"), bytes.array());
        try (ChangeLogReader reader = ChangeLogReader.open(other)) {
            throw new AssertionError("was read: " + reader.header());
        } catch (ChangeLogException e) {
            return e.reason();
        }
    }

    @Test
    void namesFileOffsetExpectedAndFound() throws IOException {
        LogSample.write(file(), LogSample.header(1, GIB), Compression.NONE,
                List.of(Piece.data(0, new byte[] {1, 2, 3})));
        byte[] bytes = Files.readAllBytes(file());
        bytes[LogFormat.HEADER_BYTES + LogFormat.FRAME_HEAD_BYTES] ^= 1;
        Files.write(file(), bytes);
        assertThatThrownBy(() -> LogSample.read(file()))
                .isInstanceOf(ChangeLogException.class)
                .hasMessageMatching("change log \\S+/vda.3-17.hrl at offset 104: checksum of the frame: "
                        + "expected [0-9a-f]{8}, found [0-9a-f]{8}");
    }

    @Test
    void refusesAFooterFollowedByMore() throws IOException {
        LogSample.write(file(), LogSample.header(1, GIB), Compression.NONE, List.of());
        Files.write(file(), new byte[] {0}, java.nio.file.StandardOpenOption.APPEND);
        assertThatThrownBy(() -> LogSample.read(file())).isInstanceOf(ChangeLogException.class)
                .hasMessageContaining("length of the file: expected 152, found 153");
    }
}
