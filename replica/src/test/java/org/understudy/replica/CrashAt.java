package org.understudy.replica;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/** A machine that dies at the n-th line after it was armed, and stays dead until it is armed anew or repaired. */
final class CrashAt implements FaultPoint {
    private final AtomicLong left = new AtomicLong(Long.MAX_VALUE);

    void armAfter(long lines) {
        left.set(lines);
    }

    void repair() {
        left.set(Long.MAX_VALUE);
    }

    @Override
    public void reached(String line) throws IOException {
        if (left.decrementAndGet() < 0) {
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
