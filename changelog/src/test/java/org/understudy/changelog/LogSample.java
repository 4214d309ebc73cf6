package org.understudy.changelog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.understudy.model.ByteCount;
import org.understudy.model.Consistency;
import org.understudy.model.DiskName;
import org.understudy.model.Extent;
import org.understudy.model.LogPosition;
import org.understudy.model.VmId;

/** Headers and contents that the tests of this package write and read. */
final class LogSample {
    static final VmId VM = VmId.parse("6f0d9c1e-3a52-4c7e-9a41-0d3f5b8e7a11");
    static final DiskName VDA = new DiskName("vda");

    private LogSample() {
    }

    /** One extent as a test gives and expects it; no bytes: zeroes. */
    record Piece(Extent extent, Optional<byte[]> bytes) {
        static Piece zero(long offset, long length) {
            return new Piece(new Extent(offset, length), Optional.empty());
        }

        static Piece data(long offset, byte[] bytes) {
            return new Piece(new Extent(offset, bytes.length), Optional.of(bytes));
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Piece piece && extent.equals(piece.extent)
                    && java.util.Arrays.equals(bytes.orElse(null), piece.bytes.orElse(null));
        }

        @Override
        public int hashCode() {
            return extent.hashCode();
        }
    }

    static ChangeLogHeader header(long sequence, long diskSize) {
        return new ChangeLogHeader(VM, VDA, new LogPosition(3, sequence), sequence - 1, new ByteCount(diskSize),
                new ByteCount(diskSize), Instant.parse("2026-11-21T08:15:30.123456789Z"), Consistency.CRASH);
    }

    /** Bytes that do not compress, or that do. */
    static byte[] bytes(int length, long seed, boolean random) {
        byte[] bytes = new byte[length];
        Random source = new Random(seed);
        if (random) {
            source.nextBytes(bytes);
        } else {
            java.util.Arrays.fill(bytes, (byte) (1 + source.nextInt(255)));
        }
        return bytes;
    }

    static ChangeLogSummary write(Path file, ChangeLogHeader header, Compression compression, List<Piece> pieces)
            throws IOException {
        try (ChangeLogWriter writer = ChangeLogWriter.create(file, header, compression)) {
            for (Piece piece : pieces) {
                if (piece.bytes().isPresent()) {
                    writer.data(piece.extent().offset(), ByteBuffer.wrap(piece.bytes().get()));
                } else {
                    writer.zero(piece.extent());
                }
            }
            return writer.finish();
        }
    }

    /** All frames of a log, those that touch and are of one kind joined. */
    static List<Piece> read(Path file) throws IOException {
        List<Piece> pieces = new ArrayList<>();
        try (ChangeLogReader reader = ChangeLogReader.open(file)) {
            for (Optional<Frame> next = reader.next(); next.isPresent(); next = reader.next()) {
                pieces.add(switch (next.get()) {
                    case Frame.Zero zero -> new Piece(zero.extent(), Optional.empty());
                    case Frame.Data data -> {
                        byte[] bytes = new byte[data.bytes().remaining()];
                        data.bytes().get(bytes);
                        yield new Piece(data.extent(), Optional.of(bytes));
                    }
                });
            }
        }
        return joined(pieces);
    }

    static List<Piece> joined(List<Piece> pieces) {
        List<Piece> joined = new ArrayList<>();
        for (Piece piece : pieces) {
            Piece last = joined.isEmpty() ? null : joined.getLast();
            if (last != null && last.extent().end() == piece.extent().offset()
                    && last.bytes().isPresent() == piece.bytes().isPresent()) {
                Extent both = new Extent(last.extent().offset(), last.extent().length() + piece.extent().length());
                joined.set(joined.size() - 1, new Piece(both, last.bytes().map(first -> {
                    byte[] bytes = java.util.Arrays.copyOf(first, (int) both.length());
                    System.arraycopy(piece.bytes().get(), 0, bytes, first.length, (int) piece.extent().length());
                    return bytes;
                })));
            } else {
                joined.add(piece);
            }
        }
        return joined;
    }
}
