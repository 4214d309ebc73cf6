package org.understudy.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;

/**
 * A world in which ordinary blocking code of many threads runs one thread at a time, in an order drawn from a seed, so
 * that the same seed is the same run.
 *
 * <p>A thread (an {@link Actor}) hands on its turn only where it waits for this world: at a simulated clock, disk or
 * link. Time passes only when nobody can move. Nothing here may be called by a thread that is no actor, except
 * {@link #spawn} and {@link #run} by the test.
 */
final class Simulation {
    /** Longer than any run. */
    static final long FOREVER = Duration.ofDays(365).toNanos();

    private final Random random;
    private final Semaphore handedBack = new Semaphore(0);
    private final List<Actor> actors = new ArrayList<>();
    private Optional<Throwable> failure = Optional.empty();
    private Actor current;
    private long nanos;

    Simulation(long seed) {
        this.random = new Random(seed);
    }

    Random random() {
        return random;
    }

    long nanos() {
        return nanos;
    }

    /** A thread of this world; it first runs when it is given a turn. */
    Actor spawn(String name, Runnable body) {
        Actor actor = new Actor(name);
        actors.add(actor);
        Thread.ofVirtual().name(name).start(() -> {
            actor.turn.acquireUninterruptibly();
            try {
                if (!actor.killed) {
                    body.run();
                }
            } catch (RuntimeException | Error e) {
                failure = Optional.of(new AssertionError(name + " failed", e));
            } finally {
                actor.finished = true;
                handedBack.release();
            }
        });
        return actor;
    }

    /**
     * Gives turns until {@code done}, checking after each; fails when nothing can move, or after {@code turnsMax}. It
     * gives them from a virtual thread: to hand a turn from one such thread to another wakes no thread of the machine.
     */
    void run(BooleanSupplier done, Runnable check, int turnsMax) {
        FutureTask<Void> turns = new FutureTask<>(() -> giveTurns(done, check, turnsMax), null);
        Thread.ofVirtual().name("turns").start(turns);
        try {
            turns.get();
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void giveTurns(BooleanSupplier done, Runnable check, int turnsMax) {
        for (int turn = 0; turn < turnsMax; turn++) {
            if (done.getAsBoolean()) {
                return;
            }
            current = next();
            current.turn.release();
            handedBack.acquireUninterruptibly();
            failure.ifPresent(thrown -> {
                throw (AssertionError) thrown;
            });
            check.run();
        }
        throw new AssertionError("nothing came of " + turnsMax + " turns");
    }

    private Actor next() {
        actors.removeIf(actor -> actor.finished);
        List<Actor> able = actors.stream().filter(Actor::canMove).toList();
        if (able.isEmpty()) {
            nanos = actors.stream().mapToLong(actor -> actor.wakeAt).min()
                    .orElseThrow(() -> new AssertionError("nobody is left"));
            if (nanos >= FOREVER) {
                throw new AssertionError("everybody waits for another");
            }
            return next();
        }
        return able.get(random.nextInt(able.size()));
    }

    /** Waits until {@code ready} or for {@code atMostNanos}; others move meanwhile. */
    void await(BooleanSupplier ready, long atMostNanos) throws InterruptedException {
        Actor me = current;
        me.ready = ready;
        me.wakeAt = Math.min(FOREVER, nanos + atMostNanos);
        handedBack.release();
        me.turn.acquireUninterruptibly();
        if (me.killed) {
            throw new Killed();
        }
        if (me.interrupted) {
            me.interrupted = false;
            throw new InterruptedException(me.name + " was interrupted");
        }
    }

    /** Lets others move, and time pass. */
    void pass(Duration duration) throws InterruptedException {
        await(() -> false, duration.toNanos());
    }

    /** One thread of the simulated world. */
    final class Actor {
        private final String name;
        private final Semaphore turn = new Semaphore(0);
        private BooleanSupplier ready = () -> true;
        private long wakeAt;
        private boolean killed;
        private boolean interrupted;
        private boolean finished;

        private Actor(String name) {
            this.name = name;
        }

        private boolean canMove() {
            return killed || interrupted || nanos >= wakeAt || ready.getAsBoolean();
        }

        /** Dies at the seam where it waits, as a process that is killed. */
        void kill() {
            killed = true;
        }

        void interrupt() {
            interrupted = true;
        }

        boolean finished() {
            return finished;
        }
    }

    /** Unwinds a killed actor, wherever it waits again; an interrupt, since the product's loops end by nothing else. */
    private static final class Killed extends InterruptedException {
        private static final long serialVersionUID = 1;

        Killed() {
            super("killed");
        }
    }
}
