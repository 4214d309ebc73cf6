package org.understudy.lab.deployment;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/**
 * A wait with a deadline: looks, pauses, looks again until it has seen enough.
 *
 * <p>A look that fails with a failure which may pass by itself ({@link FailureCode.Kind#TRY_AGAIN}, a vault that is
 * being restarted for one) counts as not enough yet; every other failure ends the wait. It looks at least once.
 *
 * @param atMost from the first look to giving up
 * @param pause between two looks
 */
public record Await(Duration atMost, Duration pause) {
    private static final Duration USUAL_PAUSE = Duration.ofMillis(200);

    /** A look at the world. */
    @FunctionalInterface
    public interface Look<T> {
        T look() throws IOException;
    }

    public Await {
        if (atMost.isNegative() || pause.isNegative()) {
            throw new IllegalArgumentException("waiting at most " + atMost + ", pausing " + pause);
        }
    }

    /** Looks five times a second. */
    public static Await atMost(Duration atMost) {
        return new Await(atMost, USUAL_PAUSE);
    }

    /**
     * Answers the first thing seen that is enough.
     *
     * @param what ends the sentence "waited in vain for"
     * @throws IOException when the deadline passed, with what was seen last; or from the look itself
     */
    public <T> T until(String what, Look<T> look, Predicate<? super T> enough) throws IOException {
        long end = System.nanoTime() + atMost.toNanos();
        while (true) {
            String seen;
            FailureException passing = null;
            try {
                T found = look.look();
                if (enough.test(found)) {
                    return found;
                }
                seen = found.toString();
            } catch (FailureException failed) {
                if (failed.failure().code().kind() != FailureCode.Kind.TRY_AGAIN) {
                    throw failed;
                }
                seen = failed.failure().message();
                passing = failed;
            }
            if (System.nanoTime() - end >= 0) {
                throw new IOException("waited %.0f s in vain for %s; seen last: %s"
                        .formatted(atMost.toMillis() / 1000.0, what, seen), passing);
            }
            pauseBefore(end, what);
        }
    }

    /** Answers the first thing that is there. */
    public <T> T untilPresent(String what, Look<Optional<T>> look) throws IOException {
        return until(what, look, Optional::isPresent).orElseThrow();
    }

    /** Ends when the look answers true. */
    public void untilTrue(String what, Look<Boolean> condition) throws IOException {
        until(what, condition, Boolean::booleanValue);
    }

    /** Does nothing for a while, for a demonstration that lets time pass; an interrupt ends it. */
    public static void pass(Duration time) throws InterruptedIOException {
        pause(time, "time to pass");
    }

    private void pauseBefore(long end, String what) throws InterruptedIOException {
        long left = Math.max(0, end - System.nanoTime());
        pause(Duration.ofNanos(Math.min(left, pause.toNanos())), what);
    }

    private static void pause(Duration time, String what) throws InterruptedIOException {
        try {
            // Nobody opens it: a pause that an interrupt ends.
            if (new CountDownLatch(1).await(time.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new IllegalStateException("opened by nobody");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for " + what);
        }
    }
}
