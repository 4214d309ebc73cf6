package org.understudy.replica;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.understudy.changelog.ChangeLogHeader;
import org.understudy.changelog.ChangeLogReader;
import org.understudy.changelog.ChangeLogWriter;
import org.understudy.changelog.Compression;
import org.understudy.changelog.Frame;
import org.understudy.disk.BlockDevice;
import org.understudy.model.ByteCount;
import org.understudy.model.Extent;

/**
 * Saves what one disk holds where a segment is about to overwrite it (D-04).
 * Reads the whole segment on the way, so that a damaged one is found before the disk is touched.
 */
final class UndoRecorder {
    private final StorageReserve reserve;
    private final WorkRoom room;

    UndoRecorder(StorageReserve reserve, WorkRoom room) {
        this.reserve = reserve;
        this.room = room;
    }

    /** Writes the undo log of {@code segment}; durable when this returns. */
    void record(BlockDevice disk, Path segment, Path undoLog, ChangeLogHeader header) throws IOException {
        ByteBuffer chunk = room.takeChunk();
        try (ChangeLogReader reader = ChangeLogReader.open(segment);
                ChangeLogWriter writer = ChangeLogWriter.create(undoLog, header, Compression.NONE)) {
            Optional<Frame> frame = reader.next();
            while (frame.isPresent()) {
                reserve.require(new ByteCount(Math.min(frame.get().extent().length(), chunk.capacity())));
                save(disk, frame.get().extent(), chunk, writer);
                frame = reader.next();
            }
            writer.finish();
        } finally {
            room.giveBack(chunk);
        }
    }

    private void save(BlockDevice disk, Extent extent, ByteBuffer chunk, ChangeLogWriter writer) throws IOException {
        long at = extent.offset();
        List<Extent> allocated = disk.allocated(extent);
        for (Extent part : allocated) {
            if (part.offset() > at) {
                writer.zero(new Extent(at, part.offset() - at));
            }
            for (at = part.offset(); at < part.end(); at += chunk.limit()) {
                chunk.clear().limit((int) Math.min(chunk.capacity(), part.end() - at));
                reserve.require(new ByteCount(chunk.limit()));
                disk.read(at, chunk);
                writer.data(at, chunk.flip());
            }
        }
        if (at < extent.end()) {
            writer.zero(new Extent(at, extent.end() - at));
        }
    }
}
