package org.understudy.simulation;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.understudy.replication.Pace;

/** The time, waiting, chance and threads of one simulated process, all of which die together. */
final class SimulatedPace implements Pace {
    private static final Instant START = Instant.parse("2030-01-01T00:00:00Z");

    private final Simulation simulation;
    private final List<Simulation.Actor> actors = new ArrayList<>();

    SimulatedPace(Simulation simulation) {
        this.simulation = simulation;
    }

    /** The process is killed. */
    void kill() {
        actors.forEach(Simulation.Actor::kill);
    }

    @Override
    public Instant now() {
        return START.plusNanos(simulation.nanos());
    }

    @Override
    public long nanos() {
        return simulation.nanos();
    }

    @Override
    public double chance() {
        return simulation.random().nextDouble();
    }

    @Override
    public Signal signal() {
        return new SimulatedSignal();
    }

    @Override
    public Running start(String name, Runnable loop) {
        Simulation.Actor actor = simulation.spawn(name, loop);
        actors.add(actor);
        return new Running() {
            @Override
            public void interrupt() {
                actor.interrupt();
            }

            @Override
            public boolean awaitEnd(Duration atMost) throws InterruptedException {
                simulation.await(actor::finished, atMost.toNanos());
                return actor.finished();
            }
        };
    }

    private final class SimulatedSignal implements Signal {
        private long count;

        @Override
        public long count() {
            return count;
        }

        @Override
        public void tell() {
            count++;
        }

        @Override
        public void await(long seen, Duration atMost) throws InterruptedException {
            simulation.await(() -> count > seen, atMost.toNanos());
        }
    }
}
