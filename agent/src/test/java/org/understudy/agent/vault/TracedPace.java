package org.understudy.agent.vault;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.understudy.replication.Pace;

/** A {@link Pace} in which no wait takes any time: each is written to a trace instead, as {@code waited PT2S}. */
final class TracedPace implements Pace {
    private final List<String> trace;

    TracedPace(List<String> trace) {
        this.trace = trace;
    }

    @Override
    public Signal signal() {
        return new TracedSignal();
    }

    @Override
    public Instant now() {
        throw new AssertionError("the loops ask nobody for the time");
    }

    @Override
    public long nanos() {
        throw new AssertionError("the loops measure nothing");
    }

    @Override
    public double chance() {
        throw new AssertionError("the loops leave nothing to chance");
    }

    @Override
    public Running start(String name, Runnable loop) {
        throw new AssertionError("the loops run on the thread of the test");
    }

    private final class TracedSignal implements Signal {
        private volatile long count;

        @Override
        public long count() {
            return count;
        }

        @Override
        public synchronized void tell() {
            count++;
        }

        @Override
        public void await(long seen, Duration atMost) {
            if (count <= seen) {
                trace.add("waited " + atMost);
            }
        }
    }
}
