package org.understudy.replica;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/** A machine that dies at the n-th line after it was armed, and stays dead until it is armed anew or repaired. */
final class CrashAt implements FaultPoint {
    private volatile Error error;
    private final AtomicLong left = new AtomicLong(Long.MAX_VALUE);

    void armAfter(long lines) {
        left.set(lines);
    }

    /** From now on every line meets an error of the runtime instead. */
    void meet(Error planted) {
        error = planted;
        left.set(0);
    }

    void repair() {
        error = null;
        left.set(Long.MAX_VALUE);
    }

    @Override
    public void reached(String line) throws IOException {
        if (left.decrementAndGet() < 0) {
            Error met = error;
            if (met != null) {
                throw met;
            }
            throw new Crash(line);
        }
    }

    /** The process is gone. */
    static final class Crash extends IOException {
        private static final long serialVersionUID = 1;

        Crash(String line) {
            super("crashed at: " + line);
        }
    }
}
