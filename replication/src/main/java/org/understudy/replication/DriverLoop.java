package org.understudy.replication;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.ItemId;

/**
 * One of the driver's two loops: takes turns until it is stopped, and after a failure waits and lets the next turn plan
 * anew. This is the only code of the data plane that tries again (rule: to retry is to plan again).
 *
 * <p>Only what {@link LoopTurn#triesAgain} says is tried again by itself; after any other failure the loop stands still
 * until {@link #resume}. Runs on one thread; the other methods may be called from any.
 */
final class DriverLoop implements Runnable {
    private static final Logger LOGGER = LoggerFactory.getLogger(DriverLoop.class);
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final ItemId item;
    private final String part;
    private final Pace pace;
    private final Pace.Signal signal;
    private final Backoff backoff;
    private volatile LoopTurn turn;
    private volatile Optional<Trouble> trouble = Optional.empty();
    private volatile boolean stopping;
    private volatile boolean hurried;
    private volatile boolean ended;
    /** Pauses since the loop got something done, or saw that what was away is back; of the loop's thread alone. */
    private int pauses;

    DriverLoop(ItemId item, String part, Pace pace, Pace.Signal signal, Backoff backoff) {
        this.item = item;
        this.part = part;
        this.pace = pace;
        this.signal = signal;
        this.backoff = backoff;
    }

    /** Starts the loop on a thread of its own. */
    Pace.Running start(LoopTurn turn) {
        this.turn = turn;
        this.ended = false;
        return pace.start("understudy-" + part + "-" + item, this);
    }

    Optional<Trouble> trouble() {
        return trouble;
    }

    boolean halted() {
        return trouble.map(Trouble::halts).orElse(false);
    }

    /** Whether nobody takes what is captured: it halts, or the other end says that this direction is over. */
    boolean standsStill() {
        return trouble.filter(it -> it.halts() || it.failure().code() == FailureCode.RELATIONSHIP_OVER).isPresent();
    }

    /** Ends a pause, not a halt: the next attempt is made at once. */
    void hurry() {
        hurried = true;
        signal.tell();
    }

    /** Ends a halt or a pause. */
    void resume() {
        trouble = Optional.empty();
        signal.tell();
    }

    /** Whether its thread ended though nobody stopped it; {@link #start} may be called again. */
    boolean ended() {
        return ended && !stopping;
    }

    void stop() {
        stopping = true;
        signal.tell();
    }

    /** The turn got something done: the next failure is a first one. */
    void succeeded() {
        pauses = 0;
        if (trouble.isPresent()) {
            LOGGER.info("item={} part={} went on after attempts={}", item, part, trouble.get().attempt());
            trouble = Optional.empty();
            signal.tell();
        }
    }

    @Override
    public void run() {
        try {
            while (!stopping) {
                takeTurn();
            }
        } catch (InterruptedException e) {
            // Only the driver's stop interrupts, and it says so first; after anybody else's this loop shows as ended.
            LOGGER.info("item={} part={} was interrupted", item, part);
        } finally {
            trouble = stopping ? trouble : Optional.of(new Trouble(FailureException.of(FailureCode.INTERNAL_ERROR,
                    "The loop of " + part + " ended.").failure(), 1, Optional.empty()));
            ended = true;
            signal.tell();
            turn.letGo();
        }
    }

    private void takeTurn() throws InterruptedException {
        long seen = signal.count();
        Failure failure;
        try {
            Duration wait = turn.take(this);
            if (!wait.isZero()) {
                signal.await(seen, wait);
            }
            return;
        } catch (FailureException e) {
            failure = e.failure();
        } catch (IOException e) {
            failure = turn.failureOf(e);
        } catch (RuntimeException | Error e) {
            // An Error too: memory that is short for a second must not end an item's replication for good.
            LOGGER.error("item={} part={} met a defect", item, part, e);
            failure = FailureException.of(FailureCode.INTERNAL_ERROR, "Replication met a defect: " + e).failure();
        }
        turn.letGo();
        if (!stopping) {
            waitAfter(failure);
        }
    }

    private void waitAfter(Failure failure) throws InterruptedException {
        if (trouble.isEmpty()) {
            pauses = 0;
        }
        boolean again = turn.triesAgain(failure);
        int attempt = trouble.map(Trouble::attempt).orElse(0) + 1;
        Duration pause = again ? backoff.after(failure.code()).pause(++pauses, pace.chance()) : LoopTurn.UNTIL_TOLD;
        Optional<Instant> next = again ? Optional.of(pace.now().plus(pause)) : Optional.empty();
        // The same failure is news once more when it is no longer tried again.
        boolean news = trouble.map(
                before -> before.failure().code() != failure.code() || before.halts() == again).orElse(true);
        Trouble met = new Trouble(failure, attempt, next);
        if (news) {
            LOGGER.warn("item={} part={} stood still because code={} message=\"{}\" nextAttempt={}",
                    item, part, failure.code(), failure.message(), next.map(Instant::toString).orElse("on resume"));
        }
        hurried = false;
        trouble = Optional.of(met);
        signal.tell();
        long end = pace.nanos() + pause.toNanos();
        while (!stopping && !hurried(again) && trouble.filter(now -> now == met).isPresent()) {
            long left = end - pace.nanos();
            if (again && left <= 0) {
                return;
            }
            if (again && turn.recovered(failure)) {
                // What has just come back may be too busy for a first attempt; it is not worth the pauses of an outage.
                pauses = 0;
                return;
            }
            long seen = signal.count();
            Duration look = again && left < LOOK.toNanos() ? Duration.ofNanos(left) : LOOK;
            signal.await(seen, again ? look : LoopTurn.UNTIL_TOLD);
        }
    }

    private boolean hurried(boolean again) {
        return again && hurried;
    }
}
