package org.understudy.capture;

import java.io.IOException;
import org.understudy.disk.BlockHasher;
import org.understudy.disk.CaptureDisk;
import org.understudy.model.Extent;

/** Walks what changed and what the slice holds, ascending, and hands out the pieces of it. */
final class CapturePlan {
    /**
     * From this length on it is worth asking whether parts of a dirty extent are zero; shorter ones are as quickly read
     * as asked for.
     */
    private static final long ASKED_LENGTH_MIN = 1L << 20;

    private final CaptureRequest request;
    private long changedBytes;
    private long sliceBytes;
    private long comparedBytes;
    private long equalBytes;

    CapturePlan(CaptureRequest request) {
        this.request = request;
    }

    void walk(PieceConsumer consumer) throws IOException {
        long before = request.range().coveredBefore().bytes();
        if (before > 0 && !request.range().settled()) {
            walkChanges(new Extent(0, before), consumer);
        }
        if (request.range().hasSlice()) {
            Extent slice = new Extent(before, request.range().coveredAfter().bytes() - before);
            boolean zeroesMatter = request.target() == TargetContent.UNKNOWN;
            if (request.known().isPresent()) {
                sliceBytes = walkToCompare(slice, request.known().get(), consumer);
            } else {
                sliceBytes = walkAllocation(slice, zeroesMatter, consumer);
            }
        }
    }

    long changedBytes() {
        return changedBytes;
    }

    long sliceBytes() {
        return sliceBytes;
    }

    private void walkChanges(Extent covered, PieceConsumer consumer) throws IOException {
        for (Extent changed : request.disk().changed(covered)) {
            changedBytes += changed.length();
            if (changed.length() >= ASKED_LENGTH_MIN) {
                walkAllocation(changed, true, consumer);
            } else {
                consumer.accept(CapturePiece.toRead(changed.offset(), changed.end(), true));
            }
        }
    }

    /** Answers how many bytes of the extent must be read. */
    private long walkAllocation(Extent extent, boolean zeroesMatter, PieceConsumer consumer) throws IOException {
        long bytes = 0;
        for (CaptureDisk.Part part : request.disk().parts(extent)) {
            if (!part.zero()) {
                bytes += part.extent().length();
                consumer.accept(CapturePiece.toRead(part.extent().offset(), part.extent().end(), zeroesMatter));
            } else if (zeroesMatter) {
                consumer.accept(CapturePiece.zero(part.extent()));
            }
        }
        return bytes;
    }

    /**
     * As {@link #walkAllocation}, in whole blocks: one that is allocated in part is read as a whole, since it can be
     * compared as a whole alone.
     */
    private long walkToCompare(Extent extent, BlockTable table, PieceConsumer consumer) throws IOException {
        ZeroBlocks zeroes = new ZeroBlocks(table, consumer);
        long bytes = 0;
        long at = extent.offset();
        for (CaptureDisk.Part part : request.disk().parts(extent)) {
            long end = part.extent().end();
            if (end < extent.end()) {
                end = (part.zero() ? end : end + BlockHasher.BLOCK_BYTES - 1) / BlockHasher.BLOCK_BYTES
                        * BlockHasher.BLOCK_BYTES;
                end = Math.min(end, extent.end());
            }
            if (end <= at) {
                continue;
            }
            if (part.zero()) {
                zeroes.walk(new Extent(at, end - at));
            } else {
                bytes += end - at;
                consumer.accept(CapturePiece.toCompare(at, end));
            }
            at = end;
        }
        comparedBytes = bytes + zeroes.bytes();
        equalBytes = zeroes.equalBytes();
        return bytes;
    }

    /** Of the slice, what is compared. */
    long comparedBytes() {
        return comparedBytes;
    }

    /** Of that, what need not even be read to be equal. */
    long equalBytes() {
        return equalBytes;
    }

    /** Takes pieces in ascending order. */
    interface PieceConsumer {
        void accept(CapturePiece piece) throws IOException;
    }
}
