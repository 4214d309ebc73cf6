package org.understudy.replication;

import java.time.Duration;

/** A loop on a virtual thread of its own. */
record RunningThread(Thread thread) implements Pace.Running {
    static RunningThread start(String name, Runnable loop) {
        return new RunningThread(Thread.ofVirtual().name(name).start(loop));
    }

    @Override
    public void interrupt() {
        thread.interrupt();
    }

    @Override
    public boolean awaitEnd(Duration atMost) throws InterruptedException {
        return thread.join(atMost);
    }
}
