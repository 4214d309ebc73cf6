package org.understudy.simulation;

import java.util.concurrent.atomic.AtomicBoolean;

/** Runs a test of one part of the simulation as the only actor of its world. */
final class SimulatedWorld {
    private static final int TURNS_MAX = 100_000;

    private SimulatedWorld() {}

    /** What a test does. */
    @FunctionalInterface
    interface Doing {
        void run() throws Exception;
    }

    static void run(Simulation simulation, Doing doing) {
        AtomicBoolean over = new AtomicBoolean();
        simulation.spawn("test", () -> {
            try {
                doing.run();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
            over.set(true);
        });
        simulation.run(over::get, () -> { }, TURNS_MAX);
    }
}
