package org.understudy.vault.main;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Waits for a condition with a deadline, looking often; the one such loop of these tests. */
public final class Awaiting {
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private Awaiting() {}

    /** The first value that satisfies the condition. */
    public static <T> T until(Supplier<T> look, Predicate<T> condition) {
        Semaphore never = new Semaphore(0);
        long end = System.nanoTime() + DEADLINE.toNanos();
        T seen = look.get();
        while (!condition.test(seen)) {
            if (System.nanoTime() > end) {
                throw new AssertionError("still not so after " + DEADLINE + ": " + seen);
            }
            try {
                if (never.tryAcquire(20, TimeUnit.MILLISECONDS)) {
                    throw new AssertionError("released by nobody");
                }
            } catch (InterruptedException e) {
                throw new AssertionError("interrupted", e);
            }
            seen = look.get();
        }
        return seen;
    }
}
