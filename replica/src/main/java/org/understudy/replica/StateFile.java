package org.understudy.replica;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

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

    /** What the file says, or the state of a replica that has received nothing. */
    static StateFile open(Path file, ReplicaSpec spec, FaultPoint faults) throws IOException {
        ReplicaState state = ReplicaJson.read(file, ReplicaState.class).orElseGet(() -> ReplicaState.fresh(spec));
        if (state.acknowledged().position().generation() < spec.generation()) {
            // The host died between the two files of a new generation; the first of them counts.
            state = state.beginGeneration(spec.generation(), spec);
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
