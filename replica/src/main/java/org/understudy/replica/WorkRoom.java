package org.understudy.replica;

import java.io.Closeable;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;

/**
 * How many replicas of an agent are worked on at once, so that what they hold in memory has a bound whatever their
 * number: an apply or a branch holds about 6 MiB of buffers, a merge of undo logs about 55. Who comes later waits, in
 * order. A place is taken before a turn at a replica's disks, never within one. Safe for threads.
 */
final class WorkRoom {
    /** More would only wait for the same disks. */
    private static final int APPLIES_MAX = 8;
    /** Reading sixteen logs and writing one keeps a disk busy; nobody waits for it. */
    private static final int MERGES_MAX = 2;
    private static final int CHUNK_BYTES = 1 << 20;

    private final Semaphore applies = new Semaphore(APPLIES_MAX, true);
    private final Semaphore merges = new Semaphore(MERGES_MAX, true);
    private final Queue<ByteBuffer> chunks = new ConcurrentLinkedQueue<>();

    /** One worker's place, given up when it is closed. */
    interface Place extends Closeable {
        @Override
        void close();
    }

    /** Waits for a place to apply, or to make a branch. */
    Place toApply() {
        applies.acquireUninterruptibly();
        return applies::release;
    }

    /** Waits for a place to drop and merge points. */
    Place toMerge() {
        merges.acquireUninterruptibly();
        return merges::release;
    }

    /** A buffer of 1 MiB for whoever has a place; it is given back by {@link #giveBack}. */
    ByteBuffer takeChunk() {
        ByteBuffer chunk = chunks.poll();
        return chunk == null ? ByteBuffer.allocateDirect(CHUNK_BYTES) : chunk.clear();
    }

    void giveBack(ByteBuffer chunk) {
        chunks.add(chunk);
    }
}
