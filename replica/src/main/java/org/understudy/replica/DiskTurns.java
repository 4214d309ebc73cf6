package org.understudy.replica;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Whose turn it is at the raw files, undo logs and branches of one replica, and whether applying has a turn at all:
 * not while a branch stands on the raw files, a hold was asked for, or the failover is committed. Turns are given in
 * the order in which they were asked for, so that a branch is not starved by applying. Safe for threads.
 */
final class DiskTurns {
    private static final long SOON_MILLIS = 100;

    private final String vmName;
    private final StateFile state;
    private final ReplicaStore store;
    private final ReentrantLock lock = new ReentrantLock(true);
    private volatile boolean closed;

    DiskTurns(String vmName, StateFile state, ReplicaStore store) {
        this.vmName = vmName;
        this.state = state;
        this.store = store;
    }

    /** One thread's turn, over when it is closed. */
    interface Turn extends AutoCloseable {
        @Override
        void close();
    }

    /** Waits for a turn; a thread may take another within its own. */
    Turn take() {
        lock.lock();
        return lock::unlock;
    }

    /** A turn, if it can be had soon: whoever has a place in the {@link WorkRoom} does not keep it while waiting. */
    Optional<Turn> takeSoon() {
        boolean taken = false;
        try {
            taken = lock.tryLock(SOON_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return taken ? Optional.of(lock::unlock) : Optional.empty();
    }

    /** Why nothing is applied just now; empty when it is. */
    Optional<String> heldBecause() {
        ReplicaState now = state.current();
        if (now.committed()) {
            return Optional.of("the failover was committed");
        }
        return store.branches().stream().findFirst()
                .map(branch -> "branch " + branch.name() + " (" + branch.purpose() + ") is open")
                .or(() -> now.holds().stream().findFirst());
    }

    /** Whether the disks may be changed by what the source sends. */
    boolean mayChange() {
        return !closed && heldBecause().isEmpty();
    }

    void requireOpen() throws IOException {
        if (closed) {
            throw new IOException("the replica of " + vmName + " is closed");
        }
    }

    /** From now on {@link #requireOpen} fails; a turn that is taken goes on to its end. */
    void close() {
        closed = true;
    }

    String vmName() {
        return vmName;
    }
}
