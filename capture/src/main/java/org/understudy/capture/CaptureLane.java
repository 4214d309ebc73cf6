package org.understudy.capture;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.understudy.changelog.Compression;
import org.understudy.changelog.FrameEncoder;
import org.understudy.disk.BlockHasher;
import org.understudy.disk.CaptureDisk;
import org.understudy.model.Extent;

/**
 * The memory for one batch of pieces on its way: 1 MiB read, and the frames made of it.
 *
 * <p>Threads: one at a time; the batch is filled by one thread, worked on by another, emptied by the first.
 */
final class CaptureLane implements AutoCloseable {
    /** What a batch holds at most, read from the disk. */
    static final int BYTES = 1 << 20;

    /** So many pieces one after the other still keep the other lanes busy. */
    private static final int PIECES_MAX = 32;

    /** Zeroes are looked for in blocks of this size, at multiples of it in the disk. */
    private static final int ZERO_BLOCK = BlockHasher.BLOCK_BYTES;

    /** Each frame may take a little more room while it is made. */
    private static final int ROOM_FOR_HEADS = 256 << 10;

    private static final ByteBuffer ZEROES = ByteBuffer.allocateDirect(ZERO_BLOCK).asReadOnlyBuffer();

    private final FrameEncoder encoder;
    private final ByteBuffer read = ByteBuffer.allocateDirect(BYTES);
    private final ByteBuffer encoded = ByteBuffer.allocateDirect(BYTES + ROOM_FOR_HEADS);
    private final List<CapturePiece> batch = new ArrayList<>();
    private final List<Found> found = new ArrayList<>();
    private long batchBytes;

    /** What a part of the batch turned out to be. */
    sealed interface Found {
        /** A frame ready to append, of so many bytes of the disk. */
        record Content(ByteBuffer frame, long length) implements Found {
        }

        record Zeroes(Extent extent) implements Found {
        }

        /** What the target holds already, of so many bytes. */
        record Equal(long length) implements Found {
        }
    }

    CaptureLane(Compression compression) {
        this.encoder = new FrameEncoder(compression);
    }

    /** Adds as much of a piece as fits, and answers how many bytes that were; 0 when the batch is full. */
    long add(CapturePiece piece, long from) {
        if (batch.size() == PIECES_MAX) {
            return 0;
        }
        if (piece.known() == CapturePiece.Known.ZERO) {
            batch.add(piece);
            return piece.extent().length();
        }
        // A batch ends where a frame of the largest size would, so that frames lie alike in every log.
        long end = Math.min(piece.extent().end(), (from / BYTES + 1) * BYTES);
        long length = Math.min(end - from, BYTES - batchBytes);
        if (piece.comparable() && length < end - from) {
            // A block in two batches could not be compared.
            length -= length % ZERO_BLOCK;
        }
        if (length > 0) {
            batch.add(piece.part(from, from + length));
            batchBytes += length;
        }
        return length;
    }

    boolean isEmpty() {
        return batch.isEmpty();
    }

    /** Reads the batch and makes its frames. */
    void work(CaptureDisk disk, Optional<BlockTable> table) throws IOException {
        for (CapturePiece piece : batch) {
            switch (piece.known()) {
                case ZERO -> found.add(new Found.Zeroes(piece.extent()));
                case NOTHING -> {
                    read.clear().limit((int) piece.extent().length());
                    disk.read(piece.extent().offset(), read);
                    read.flip();
                    encode(piece, piece.comparable() ? table.map(BlockComparer::new) : Optional.empty());
                }
            }
        }
    }

    /** What the batch turned out to be, ascending; valid until {@link #clear}. */
    List<Found> found() {
        return found;
    }

    void clear() {
        batch.clear();
        found.clear();
        encoded.clear();
        batchBytes = 0;
    }

    @Override
    public void close() {
        encoder.close();
    }

    /** What a run of blocks is. */
    private enum Run { CONTENT, ZERO, EQUAL }

    /** Splits what was read into runs of zero blocks, of such as the target holds, and of others. */
    private void encode(CapturePiece piece, Optional<BlockComparer> comparer) throws IOException {
        long start = piece.extent().offset();
        long end = piece.extent().end();
        if (comparer.isPresent()) {
            comparer.get().begin(piece.extent());
        }
        long runStart = start;
        Run run = Run.CONTENT;
        for (long at = start; at < end;) {
            long blockEnd = Math.min((at / ZERO_BLOCK + 1) * ZERO_BLOCK, end);
            Run block = runOf(start, at, blockEnd, comparer);
            if (block != run) {
                addRun(piece, runStart, at, run);
                runStart = at;
                run = block;
            }
            at = blockEnd;
        }
        addRun(piece, runStart, end, run);
    }

    private Run runOf(long start, long at, long end, Optional<BlockComparer> comparer) {
        ByteBuffer block = read.slice((int) (at - start), (int) (end - at));
        if (comparer.isPresent() && comparer.get().isEqual(at, block)) {
            return Run.EQUAL;
        }
        return isZero((int) (at - start), (int) (end - at)) ? Run.ZERO : Run.CONTENT;
    }

    private void addRun(CapturePiece piece, long from, long end, Run run) {
        if (from == end) {
            return;
        }
        switch (run) {
            case CONTENT -> {
                int at = encoded.position();
                encoder.data(from, read.slice((int) (from - piece.extent().offset()), (int) (end - from)), encoded);
                found.add(new Found.Content(encoded.slice(at, encoded.position() - at), end - from));
            }
            case ZERO -> {
                if (piece.zeroesMatter()) {
                    found.add(new Found.Zeroes(new Extent(from, end - from)));
                }
            }
            case EQUAL -> found.add(new Found.Equal(end - from));
        }
    }

    private boolean isZero(int index, int length) {
        return read.slice(index, length).mismatch(ZEROES.slice(0, length)) < 0;
    }
}
