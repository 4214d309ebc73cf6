package org.understudy.replica;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.understudy.changelog.ChangeLogException;
import org.understudy.changelog.ChangeLogHeader;
import org.understudy.changelog.ChangeLogReader;
import org.understudy.changelog.ChangeLogWriter;
import org.understudy.changelog.Compression;
import org.understudy.changelog.Frame;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.Extent;

/**
 * Makes one undo log of a disk out of several that follow each other: where more than one has a byte, the oldest wins,
 * because it would be written last. Streams: memory grows with the number of logs, not with their length.
 */
final class UndoMerger implements AutoCloseable {
    /** Each log being read holds buffers of a frame's size. */
    static final int LOGS_MAX = 16;

    private final StorageReserve reserve;
    /** Oldest first: of two sources that have a byte the earlier in this list wins. */
    private final List<Source> sources = new ArrayList<>();

    private UndoMerger(StorageReserve reserve) {
        this.reserve = reserve;
    }

    /** Writes the merged log; durable when this returns. */
    static void merge(DiskName disk, List<UndoStep> newestFirst, Path merged, StorageReserve reserve)
            throws IOException, UndoDamage {
        try (UndoMerger merger = new UndoMerger(reserve)) {
            for (UndoStep step : newestFirst.reversed()) {
                merger.sources.add(new Source(step, disk));
            }
            ChangeLogHeader header = merger.sources.getFirst().reader.header();
            try (ChangeLogWriter writer = ChangeLogWriter.create(merged, header, Compression.NONE)) {
                merger.writeAll(writer);
                writer.finish();
            }
        }
    }

    private void writeAll(ChangeLogWriter writer) throws IOException, UndoDamage {
        long at = 0;
        while (true) {
            for (Source source : sources) {
                source.skipTo(at);
            }
            long start = sources.stream().mapToLong(source -> source.startFrom(0)).min().orElse(Long.MAX_VALUE);
            if (start == Long.MAX_VALUE) {
                return;
            }
            start = Math.max(start, at);
            at = writePiece(start, writer);
        }
    }

    /** Writes from {@code start} as far as one source decides; answers where that ends. */
    private long writePiece(long start, ChangeLogWriter writer) throws IOException {
        long end = Long.MAX_VALUE;
        for (Source source : sources) {
            if (source.startFrom(start) == start) {
                Extent piece = new Extent(start, Math.min(end, source.end()) - start);
                reserve.require(new ByteCount(Math.min(piece.length(), 1 << 20)));
                switch (source.frame.orElseThrow()) {
                    case Frame.Zero zero -> writer.zero(piece);
                    case Frame.Data data -> writer.data(start, data.bytes().slice(
                            Math.toIntExact(start - data.extent().offset()), Math.toIntExact(piece.length())));
                }
                return piece.end();
            }
            // An older log that begins further on takes over there.
            end = Math.min(end, source.startFrom(start));
        }
        throw new AssertionError("no undo log has byte " + start);
    }

    @Override
    public void close() throws IOException {
        for (Source source : sources) {
            source.reader.close();
        }
    }

    /** One log and its frame that is looked at. */
    private static final class Source {
        private final UndoStep step;
        private final ChangeLogReader reader;
        private Optional<Frame> frame;

        Source(UndoStep step, DiskName disk) throws IOException, UndoDamage {
            this.step = step;
            try {
                this.reader = ChangeLogReader.open(step.log(disk));
            } catch (ChangeLogException e) {
                throw new UndoDamage(step, e);
            }
            this.frame = Optional.empty();
            advance();
        }

        private void advance() throws IOException, UndoDamage {
            try {
                frame = reader.next();
            } catch (ChangeLogException e) {
                throw new UndoDamage(step, e);
            }
        }

        /** Leaves behind the frames that end at or before {@code at}. */
        void skipTo(long at) throws IOException, UndoDamage {
            while (frame.isPresent() && end() <= at) {
                advance();
            }
        }

        /** The first byte at or after {@code at} that the frame has; beyond all disks when there is none. */
        long startFrom(long at) {
            return frame.map(it -> Math.max(at, it.extent().offset())).orElse(Long.MAX_VALUE);
        }

        long end() {
            return frame.orElseThrow().extent().end();
        }
    }
}
