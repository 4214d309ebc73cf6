package org.understudy.agent;

import java.time.Duration;
import org.understudy.replication.Pace;

/** The agent's way to wait, cut short for every waiting thread at once when the agent ends. */
public final class Pause {
    private final Pace.Signal end;

    public Pause(Pace pace) {
        this.end = pace.signal();
    }

    /** Waits so long, or until the end. */
    public void await(Duration duration) {
        try {
            end.await(0, duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            end();
        }
    }

    /** Whether the agent is ending. */
    public boolean isOver() {
        return end.count() > 0;
    }

    /** Ends every wait, now and from now on. */
    public void end() {
        end.tell();
    }
}
