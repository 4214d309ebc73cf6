package org.understudy.replication;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/** The real {@link Pace}: virtual threads, the machine's monotonic clock, and the given wall clock. */
public final class SystemPace implements Pace {
    private final Clock clock;

    public SystemPace(Clock clock) {
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    @Override
    public Instant now() {
        return clock.instant();
    }

    @Override
    public long nanos() {
        return System.nanoTime();
    }

    @Override
    public double chance() {
        return ThreadLocalRandom.current().nextDouble();
    }

    @Override
    public Signal signal() {
        return new CountedSignal();
    }

    @Override
    public Running start(String name, Runnable loop) {
        return RunningThread.start(name, loop);
    }

    private static final class CountedSignal implements Signal {
        private final Lock lock = new ReentrantLock();
        private final Condition told = lock.newCondition();
        private long count;

        @Override
        public long count() {
            lock.lock();
            try {
                return count;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void tell() {
            lock.lock();
            try {
                count++;
                told.signalAll();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void await(long seen, Duration atMost) throws InterruptedException {
            lock.lockInterruptibly();
            try {
                long nanos = atMost.toNanos();
                while (count <= seen && nanos > 0) {
                    nanos = told.awaitNanos(nanos);
                }
            } finally {
                lock.unlock();
            }
        }
    }
}
