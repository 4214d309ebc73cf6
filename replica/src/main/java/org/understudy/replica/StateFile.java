package org.understudy.replica;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/** The one holder of a replica's {@link ReplicaState}: durable first, then believed. Safe for threads. */
final class StateFile {
    private final Path file;
    private final FaultPoint faults;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile ReplicaState current;

    private StateFile(Path file, ReplicaState current, FaultPoint faults) {
        this.file = file;
        this.current = current;
        this.faults = faults;
    }

    /** What the file says. REPLICA_CORRUPT when there is none: what was promised in it cannot be made anew. */
    static StateFile open(Path file, ReplicaSpec spec, FaultPoint faults) throws IOException {
        ReplicaState state = ReplicaJson.read(file, ReplicaState.class).orElseThrow(() ->
                FailureException.of(FailureCode.REPLICA_CORRUPT, "file " + file + " of the replica of "
                        + spec.vmName() + " is missing; its points and journal are there and were left alone"));
        if (state.acknowledged().position().generation() != spec.generation()) {
            throw FailureException.of(FailureCode.REPLICA_CORRUPT, "file " + file + " is of generation "
                    + state.acknowledged().position().generation() + ", and replica.json beside it of generation "
                    + spec.generation() + ": one of them is not of this replica; nothing was deleted");
        }
        return new StateFile(file, state, faults);
    }

    ReplicaState current() {
        return current;
    }

    /** Durable when this returns; after an exception that counts which the file then holds. */
    void update(UnaryOperator<ReplicaState> change) throws IOException {
        lock.lock();
        try {
            ReplicaState changed = change.apply(current);
            if (changed.equals(current)) {
                return;
            }
            faults.reached("state about to change");
            try {
                ReplicaJson.write(file, changed);
            } catch (IOException e) {
                // The new content may have got the name before the failure: never believe less than the file says.
                current = ReplicaJson.read(file, ReplicaState.class).orElse(current);
                throw e;
            }
            current = changed;
            faults.reached("state changed");
        } finally {
            lock.unlock();
        }
    }
}
