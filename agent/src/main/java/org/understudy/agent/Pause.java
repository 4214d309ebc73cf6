package org.understudy.agent;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The agent's way to wait, cut short for every waiting thread at once when the agent ends. */
public final class Pause {
    private final CountDownLatch end = new CountDownLatch(1);

    /** Waits so long, or until the end. */
    public void await(Duration duration) {
        try {
            end.await(duration.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            end();
        }
    }

    /** Whether the agent is ending. */
    public boolean isOver() {
        return end.getCount() == 0;
    }

    /** Ends every wait, now and from now on. */
    public void end() {
        end.countDown();
    }
}
