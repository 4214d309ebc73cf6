package org.understudy.capture;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.understudy.changelog.ChangeLogWriter;
import org.understudy.disk.CaptureDisk;
import org.understudy.model.Extent;

/**
 * One capture at work: batches are read and encoded side by side, each on a virtual thread with a lane of its own, and
 * appended to the log in the order in which they were planned.
 *
 * <p>Threads: one calls; it alone writes the log. Memory: the lanes. However it ends, no lane is at work afterwards.
 */
final class CapturePipeline implements AutoCloseable {
    private final CaptureDisk disk;
    private final ChangeLogWriter writer;
    private final SpaceGuard guard;
    private final LanePool lanes;
    private final Optional<BlockTable> known;
    private final Deque<Work> working = new ArrayDeque<>();
    private CaptureLane filling;
    private Extent pendingZeroes;
    private long checkedAt;
    private long dataBytes;
    private long zeroBytes;
    private long equalBytes;

    /** A lane and the thread that works on it. */
    private static final class Work {
        private final CaptureLane lane;
        private final CountDownLatch finished = new CountDownLatch(1);
        private Throwable failure;

        private Work(CaptureLane lane) {
            this.lane = lane;
        }

        private void run(CaptureDisk disk, Optional<BlockTable> known) {
            try {
                lane.work(disk, known);
            } catch (Throwable e) {
                failure = e;
            } finally {
                finished.countDown();
            }
        }
    }

    CapturePipeline(CaptureRequest request, ChangeLogWriter writer, SpaceGuard guard, LanePool lanes) {
        this.disk = request.disk();
        this.known = request.known();
        this.writer = writer;
        this.guard = guard;
        this.lanes = lanes;
    }

    void add(CapturePiece piece) throws IOException {
        long at = piece.extent().offset();
        while (at < piece.extent().end()) {
            if (filling == null) {
                filling = nextLane();
            }
            long added = filling.add(piece, at);
            at += added;
            if (added == 0) {
                start();
            }
        }
    }

    /** Appends all that is still on its way. */
    void finish() throws IOException {
        if (filling != null && !filling.isEmpty()) {
            start();
        }
        while (!working.isEmpty()) {
            lanes.giveBack(appendOldest());
        }
        appendZeroes();
    }

    long dataBytes() {
        return dataBytes;
    }

    long zeroBytes() {
        return zeroBytes;
    }

    long equalBytes() {
        return equalBytes;
    }

    /** Waits for every lane, for their buffers are shared with the connection, and gives them back. */
    @Override
    public void close() {
        if (filling != null) {
            lanes.giveBack(filling);
            filling = null;
        }
        while (!working.isEmpty()) {
            Work work = working.poll();
            awaitUninterruptibly(work);
            lanes.giveBack(work.lane);
        }
    }

    private void start() {
        Work work = new Work(filling);
        filling = null;
        working.add(work);
        Thread.ofVirtual().name("capture").start(() -> work.run(disk, known));
    }

    /** A lane to fill: one that nobody uses, or else the one of our oldest batch, after it was appended. */
    private CaptureLane nextLane() throws IOException {
        Optional<CaptureLane> idle = working.isEmpty() ? Optional.of(lanes.take()) : lanes.tryTake();
        return idle.isPresent() ? idle.get() : appendOldest();
    }

    private CaptureLane appendOldest() throws IOException {
        Work work = working.peek();
        awaitUninterruptibly(work);
        switch (work.failure) {
            case null -> append(work.lane);
            case IOException e -> throw new IOException(e.getMessage(), e);
            default -> throw new IllegalStateException("a batch could not be captured", work.failure);
        }
        working.poll();
        work.lane.clear();
        return work.lane;
    }

    private void append(CaptureLane lane) throws IOException {
        for (CaptureLane.Found found : lane.found()) {
            switch (found) {
                case CaptureLane.Found.Content content -> {
                    appendZeroes();
                    writer.append(content.frame());
                    dataBytes += content.length();
                }
                case CaptureLane.Found.Zeroes zeroes -> addZeroes(zeroes.extent());
                case CaptureLane.Found.Equal equal -> equalBytes += equal.length();
            }
        }
        if (writer.fileBytes().bytes() - checkedAt >= SpaceGuard.EVERY.bytes()) {
            guard.check();
            checkedAt = writer.fileBytes().bytes();
        }
    }

    /** Zeroes that touch become one frame, whatever batches they came in. */
    private void addZeroes(Extent extent) throws IOException {
        zeroBytes += extent.length();
        if (pendingZeroes != null && pendingZeroes.end() == extent.offset()) {
            pendingZeroes = new Extent(pendingZeroes.offset(), pendingZeroes.length() + extent.length());
        } else {
            appendZeroes();
            pendingZeroes = extent;
        }
    }

    private void appendZeroes() throws IOException {
        if (pendingZeroes != null) {
            writer.zero(pendingZeroes);
            pendingZeroes = null;
        }
    }

    private static void awaitUninterruptibly(Work work) {
        boolean interrupted = false;
        while (true) {
            try {
                work.finished.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
