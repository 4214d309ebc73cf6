package org.understudy.capture;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import org.understudy.changelog.Compression;

/**
 * The lanes of all captures of a host: made when first needed, kept for the next cycle, never more than agreed on, so
 * that memory does not grow with the number of VMs.
 *
 * <p>Every capture waits for its first lane and takes further ones only if they are idle, so none waits while holding
 * what another waits for.
 */
final class LanePool implements AutoCloseable {
    private final Compression compression;
    private final Semaphore permits;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<CaptureLane> idle = new ArrayDeque<>();

    LanePool(int lanesMax, Compression compression) {
        this.compression = compression;
        this.permits = new Semaphore(lanesMax, true);
    }

    CaptureLane take() {
        permits.acquireUninterruptibly();
        return idleOrNew();
    }

    Optional<CaptureLane> tryTake() {
        return permits.tryAcquire() ? Optional.of(idleOrNew()) : Optional.empty();
    }

    void giveBack(CaptureLane lane) {
        lane.clear();
        lock.lock();
        try {
            idle.push(lane);
        } finally {
            lock.unlock();
        }
        permits.release();
    }

    /** Frees the idle lanes; no capture may be at work. */
    @Override
    public void close() {
        lock.lock();
        try {
            idle.forEach(CaptureLane::close);
            idle.clear();
        } finally {
            lock.unlock();
        }
    }

    private CaptureLane idleOrNew() {
        lock.lock();
        try {
            CaptureLane lane = idle.poll();
            return lane != null ? lane : new CaptureLane(compression);
        } finally {
            lock.unlock();
        }
    }
}
