package org.understudy.changelog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.understudy.changelog.LogSample.Piece;

/** What holds for every log: it reads as it was written, and no damage goes unseen. */
@Tag("slow")
class ChangeLogPropertiesTest {
    private static final long DISK = 1L << 40;

    private static Path folder;

    /** A piece by its distance from the one before. */
    private record Step(long gap, int length, boolean zero, boolean random, long seed) {
    }

    @BeforeContainer
    static void makeFolder() throws IOException {
        folder = Files.createTempDirectory("understudy-changelog");
    }

    @AfterContainer
    static void removeFolder() throws IOException {
        Files.deleteIfExists(folder.resolve("log"));
        Files.delete(folder);
    }

    @Provide
    Arbitrary<List<Piece>> pieces() {
        return Combinators.combine(
                Arbitraries.longs().between(0, 1L << 30).withDistribution(net.jqwik.api.RandomDistribution.biased()),
                Arbitraries.integers().between(1, 9_000).withDistribution(net.jqwik.api.RandomDistribution.biased()),
                Arbitraries.of(true, false), Arbitraries.of(true, false), Arbitraries.longs()).as(Step::new)
                .list().ofMaxSize(12).map(ChangeLogPropertiesTest::place);
    }

    private static List<Piece> place(List<Step> steps) {
        List<Piece> pieces = new ArrayList<>();
        long at = 0;
        for (Step step : steps) {
            at += step.gap();
            pieces.add(step.zero() ? Piece.zero(at, step.length())
                    : Piece.data(at, LogSample.bytes(step.length(), step.seed(), step.random())));
            at += step.length();
        }
        return pieces;
    }

    @Property(tries = 100)
    void readsAsItWasWritten(@ForAll("pieces") List<Piece> pieces, @ForAll Compression compression)
            throws IOException {
        byte[] bytes = write(pieces, compression);
        assertThat(LogSample.read(folder.resolve("log"))).isEqualTo(LogSample.joined(pieces));
        ChangeLogVerifier verifier = new ChangeLogVerifier("log");
        verifier.accept(ByteBuffer.wrap(bytes));
        assertThat(verifier.finished()).isTrue();
        assertThat(verifier.verifiedBytes()).isEqualTo(bytes.length);
    }

    @Property(tries = 150)
    void seesEveryByteThatWasFlippedInAClosedLog(@ForAll("pieces") List<Piece> pieces,
            @ForAll Compression compression, @ForAll @IntRange(max = Integer.MAX_VALUE - 1) int where,
            @ForAll @IntRange(min = 1, max = 255) int flip) throws IOException {
        byte[] bytes = write(pieces, compression);
        bytes[where % bytes.length] ^= (byte) flip;
        Path file = Files.write(folder.resolve("log"), bytes);
        assertThatThrownBy(() -> LogSample.read(file)).isInstanceOf(ChangeLogException.class);
        assertThat(isWhole(bytes)).isFalse();
    }

    @Property(tries = 100)
    void seesEveryTruncationOfAClosedLog(@ForAll("pieces") List<Piece> pieces, @ForAll Compression compression,
            @ForAll @IntRange(max = Integer.MAX_VALUE - 1) int where) throws IOException {
        byte[] bytes = write(pieces, compression);
        Path file = Files.write(folder.resolve("log"), Arrays.copyOf(bytes, where % bytes.length));
        assertThatThrownBy(() -> LogSample.read(file)).isInstanceOf(ChangeLogException.class);
    }

    @Property(tries = 100)
    void resumesATornLogAtTheEndOfAWholeFrame(@ForAll("pieces") List<Piece> pieces, @ForAll Compression compression,
            @ForAll @IntRange(max = Integer.MAX_VALUE - 1) int where, @ForAll @IntRange(max = 40) int garbage)
            throws IOException {
        byte[] bytes = write(pieces, compression);
        byte[] torn = Arrays.copyOf(bytes, where % (bytes.length + 1) + garbage);
        int cut = Arrays.mismatch(torn, bytes) < 0 ? bytes.length : Arrays.mismatch(torn, bytes);
        Path file = Files.write(folder.resolve("log"), torn);
        ChangeLogVerifier verifier = ChangeLogVerifier.resume(file);
        int kept = (int) verifier.verifiedBytes();
        assertThat(kept).isBetween(0, cut).isIn(boundaries(bytes));
        assertThat(boundaries(bytes)).noneMatch(boundary -> boundary > kept && boundary <= cut);
        verifier.accept(ByteBuffer.wrap(bytes, kept, bytes.length - kept));
        assertThat(verifier.finished()).isTrue();
        assertThat(verifier.header()).contains(LogSample.header(5, DISK));
    }

    @Property(tries = 30)
    void verifiesPiecesOfAnySize(@ForAll("pieces") List<Piece> pieces, @ForAll @IntRange(min = 1, max = 999) int size)
            throws IOException {
        byte[] bytes = write(pieces, Compression.ZSTD);
        ChangeLogVerifier verifier = new ChangeLogVerifier("log");
        for (int at = 0; at < bytes.length; at += size) {
            assertThat(verifier.finished()).isFalse();
            verifier.accept(ByteBuffer.wrap(bytes, at, Math.min(size, bytes.length - at)));
        }
        assertThat(verifier.finished()).isTrue();
    }

    @Property(tries = 200)
    void neverFailsOtherwiseThanByItsOwnExceptionOnGarbage(@ForAll byte[] garbage, @ForAll boolean withHeader)
            throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(LogFormat.HEADER_BYTES + garbage.length);
        if (withHeader) {
            bytes.put(LogFormat.encode(LogSample.header(5, DISK)));
        }
        bytes.put(garbage).flip();
        ChangeLogVerifier verifier = new ChangeLogVerifier("log");
        try {
            verifier.accept(bytes.duplicate());
        } catch (ChangeLogException e) {
            assertThat(verifier.verifiedBytes()).isLessThanOrEqualTo(bytes.limit());
        }
        assertThat(verifier.finished()).isFalse();
    }

    /** A flipped length may also make a verifier wait for bytes that never come. */
    private static boolean isWhole(byte[] bytes) {
        ChangeLogVerifier verifier = new ChangeLogVerifier("log");
        try {
            verifier.accept(ByteBuffer.wrap(bytes));
            return verifier.finished();
        } catch (ChangeLogException e) {
            return false;
        }
    }

    private static byte[] write(List<Piece> pieces, Compression compression) throws IOException {
        Path file = folder.resolve("log");
        Files.deleteIfExists(file);
        LogSample.write(file, LogSample.header(5, DISK), compression, pieces);
        return Files.readAllBytes(file);
    }

    /** Where a torn copy of the log may be cut. */
    private static List<Integer> boundaries(byte[] bytes) throws IOException {
        List<Integer> found = new ArrayList<>(List.of(0, LogFormat.HEADER_BYTES));
        ByteBuffer log = ByteBuffer.wrap(bytes);
        int at = LogFormat.HEADER_BYTES;
        while (log.get(at) != LogFormat.KIND_FOOTER) {
            at += LogFormat.FRAME_HEAD_BYTES + FrameHead.decode("log", at, log.position(at)).storedLength();
            found.add(at);
        }
        found.add(at + LogFormat.FOOTER_BYTES);
        return found;
    }
}
