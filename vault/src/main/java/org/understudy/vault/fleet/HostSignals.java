package org.understudy.vault.fleet;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.understudy.model.HostId;

/** What wakes the long polls of one host's agent: there may be a command for it. Safe for many threads. */
final class HostSignals {
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<HostId, Bell> bells = new HashMap<>();
    private boolean closed;

    private final class Bell {
        private final Condition rung = lock.newCondition();
        private long count;
    }

    void raise(HostId host) {
        lock.lock();
        try {
            Bell bell = bell(host);
            bell.count++;
            bell.rung.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Lets everybody go at once, from now on. */
    void close() {
        lock.lock();
        try {
            closed = true;
            bells.values().forEach(bell -> bell.rung.signalAll());
        } finally {
            lock.unlock();
        }
    }

    /** How often the host's was raised; look at it before looking for commands. */
    long count(HostId host) {
        lock.lock();
        try {
            return bell(host).count;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until it was raised more often than {@code seen}; false when the time is over. */
    boolean await(HostId host, long seen, Duration time) throws InterruptedException {
        lock.lock();
        try {
            Bell bell = bell(host);
            long left = time.toNanos();
            while (bell.count == seen && left > 0 && !closed) {
                left = bell.rung.awaitNanos(left);
            }
            return bell.count != seen;
        } finally {
            lock.unlock();
        }
    }

    private Bell bell(HostId host) {
        return bells.computeIfAbsent(host, unheard -> new Bell());
    }
}
