package org.understudy.lab.demo;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C and SIGTERM during a demo: the thread that plays is brought to its end, and the process lives on until that
 * thread has cleaned up. Safe for several threads.
 */
final class Interruption {
    private static final long NUDGE_MILLIS = 100;
    private static final long SIGNALS_MEET_MILLIS = 500;

    private final Thread player;
    private final Runnable noticed;
    private final CountDownLatch happened = new CountDownLatch(1);
    private final CountDownLatch finished = new CountDownLatch(1);
    private boolean cleaning;

    private Interruption(Thread player, Runnable noticed) {
        this.player = player;
        this.noticed = noticed;
    }

    /**
     * From now on, for the calling thread.
     *
     * @param noticed run once, when it happens
     */
    static Interruption watch(Runnable noticed) {
        Interruption interruption = new Interruption(Thread.currentThread(), noticed);
        Runtime.getRuntime().addShutdownHook(new Thread(interruption::end, "interruption"));
        return interruption;
    }

    boolean happened() {
        return happened.getCount() == 0;
    }

    /**
     * Whether a failure of the player comes from it. Ctrl-C reaches the commands that the player started as well, and
     * their death may be seen before this process has noticed the signal itself.
     */
    boolean isBehindFailure() {
        try {
            return happened.await(SIGNALS_MEET_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException itself) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** The player stops playing and cleans up: it is no longer interrupted, nor what it starts. */
    synchronized void beginCleaning() {
        cleaning = true;
        Thread.interrupted();
    }

    /** The player has nothing more to do: the process may end. */
    void finish() {
        finished.countDown();
    }

    private void end() {
        if (finished.getCount() == 0) {
            return;
        }
        happened.countDown();
        noticed.run();
        try {
            do {
                nudge();
            } while (!finished.await(NUDGE_MILLIS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException nobodyInterruptsThis) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whatever the player waits for ends: a wait of its own, or a command that it started. */
    private synchronized void nudge() {
        if (!cleaning) {
            player.interrupt();
            ProcessHandle.current().descendants().forEach(ProcessHandle::destroy);
        }
    }
}
