package org.understudy.vault.fleet;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.model.loop.EndlessLoop;

/**
 * Looks every second whether the vault can hear its agents: whether the process runs and its database answers. After a
 * gap the vault listens anew, so that no host counts as silent for the time in which it could not be heard.
 */
public final class Listening implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Listening.class);
    /** Shorter than {@link Presence#SILENCE_MAX} by what a few reports need; longer than a busy machine's hiccup. */
    static final Duration GAP_MAX = Duration.ofSeconds(9);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    private final HostWatch watch;
    private final MonotonicClock time;
    private final Runnable look;
    private final CountDownLatch closing = new CountDownLatch(1);
    private Duration lastLook;

    /**
     * Over what is known of hosts.
     *
     * @param time the machine's own, also in tests: a gap is time in which this process did not run
     * @param look asks what a report needs to be taken; throws when it would not be taken now
     */
    public Listening(HostWatch watch, MonotonicClock time, Runnable look) {
        this.watch = watch;
        this.time = time;
        this.look = look;
        this.lastLook = time.elapsed();
    }

    public void start() {
        watch.listensAnew();
        lastLook = time.elapsed();
        Thread.ofVirtual().name("listening").start(new EndlessLoop("listening", () -> {
            rest(LOOK_EVERY);
            look();
        }, () -> closing.getCount() == 0, this::rest));
    }

    private boolean rest(Duration atMost) throws InterruptedException {
        return closing.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        closing.countDown();
    }

    void look() {
        try {
            look.run();
        } catch (RuntimeException e) {
            // The gap is told when it is over; the database itself is told of by whoever needs it.
            return;
        }
        Duration now = time.elapsed();
        Duration gap = now.minus(lastLook);
        if (gap.compareTo(GAP_MAX) > 0) {
            watch.listensAnew();
            LOG.warn("vault could not hear its agents for a while and listens anew gapSeconds={}", gap.toSeconds());
        }
        watch.listens();
        lastLook = now;
    }
}
