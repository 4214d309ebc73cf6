package org.understudy.replication;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * A {@link Pace} whose time passes only when the test says so, and never while a loop can still move: after
 * {@link #settle} and {@link #pass} every loop waits for something that has not happened.
 */
final class ManualPace implements Pace {
    private static final Instant START = Instant.parse("2030-01-01T00:00:00Z");
    private static final long PATIENCE_SECONDS = 20;

    private final Lock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Waiter> waiters = new ArrayList<>();
    private int live;
    private long nanos;

    private record Waiter(BooleanSupplier ready, long deadline) {}

    @Override
    public Instant now() {
        return START.plusNanos(nanos());
    }

    @Override
    public long nanos() {
        lock.lock();
        try {
            return nanos;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public double chance() {
        return 0;
    }

    @Override
    public Signal signal() {
        return new ManualSignal();
    }

    /** Blocks a fake until {@code ready}, as a disk or a link would; the loop counts as waiting meanwhile. */
    void block(BooleanSupplier ready) throws InterruptedException {
        block(ready, Long.MAX_VALUE);
    }

    private void block(BooleanSupplier ready, long deadline) throws InterruptedException {
        lock.lockInterruptibly();
        Waiter waiter = new Waiter(ready, deadline);
        waiters.add(waiter);
        try {
            changed.signalAll();
            while (!ready.getAsBoolean() && nanos < deadline) {
                changed.await();
            }
        } finally {
            waiters.remove(waiter);
            lock.unlock();
        }
    }

    /** Tells whoever blocks that something has changed which it may wait for. */
    void stir() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until no loop can move without time passing. */
    void settle() {
        lock.lock();
        try {
            long patience = TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while (waiters.size() < live || waiters.stream().anyMatch(this::canMove)) {
                changed.signalAll();
                patience = changed.awaitNanos(patience);
                if (patience <= 0) {
                    throw new AssertionError("the loops did not settle: " + waiters.size() + " of " + live + " wait");
                }
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        } finally {
            lock.unlock();
        }
    }

    /** Lets time pass, from one deadline to the next, with everything settled in between and at the end. */
    void pass(Duration duration) {
        settle();
        long end = nanos() + duration.toNanos();
        while (nanos() < end) {
            lock.lock();
            try {
                nanos = Math.min(end, waiters.stream().mapToLong(Waiter::deadline).min().orElse(end));
                changed.signalAll();
            } finally {
                lock.unlock();
            }
            settle();
        }
    }

    private boolean canMove(Waiter waiter) {
        return waiter.ready().getAsBoolean() || nanos >= waiter.deadline();
    }

    @Override
    public Running start(String name, Runnable loop) {
        lock.lock();
        try {
            live++;
        } finally {
            lock.unlock();
        }
        return RunningThread.start(name, () -> {
            try {
                loop.run();
            } finally {
                lock.lock();
                try {
                    live--;
                    changed.signalAll();
                } finally {
                    lock.unlock();
                }
            }
        });
    }

    private final class ManualSignal implements Signal {
        private final AtomicLong told = new AtomicLong();

        @Override
        public long count() {
            return told.get();
        }

        @Override
        public void tell() {
            told.incrementAndGet();
            stir();
        }

        @Override
        public void await(long seen, Duration atMost) throws InterruptedException {
            block(() -> told.get() > seen, nanos() + atMost.toNanos());
        }
    }
}
