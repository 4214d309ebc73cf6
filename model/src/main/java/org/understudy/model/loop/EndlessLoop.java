package org.understudy.model.loop;

import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/**
 * A loop that takes turns until it is told to end, and that nothing else ends: whatever a turn throws, the errors of
 * the virtual machine included, is told as trouble and logged, and after a pause the next turn is taken.
 *
 * <p>Pauses double from {@link #PAUSE_MIN} to {@link #PAUSE_MAX}, so that a defect that stays costs a log line a
 * minute. A turn that succeeds ends the trouble. An interrupt ends the loop, as only its owner interrupts it. It has no
 * thread of its own: {@link #run} takes the one that calls; every other method may be called by any.
 *
 * <p>Who wants to try again sooner, or to call a failure by its name, catches it within the turn.
 */
public final class EndlessLoop implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(EndlessLoop.class);
    /** After the first turn that broke. */
    static final Duration PAUSE_MIN = Duration.ofSeconds(1);
    /** After the seventh and all that follow. */
    static final Duration PAUSE_MAX = Duration.ofMinutes(1);

    private final String name;
    private final Turn turn;
    private final BooleanSupplier ending;
    private final Rest rest;
    private volatile Optional<Failure> trouble = Optional.empty();
    private volatile boolean ended;
    private int broken;

    /** One round of the loop: the work and the wait for more of it. */
    @FunctionalInterface
    public interface Turn {
        void take() throws Exception;
    }

    /** How the loop waits after a turn that broke; cut short when the loop is to end. */
    @FunctionalInterface
    public interface Rest {
        void rest(Duration atMost) throws InterruptedException;
    }

    /**
     * @param name what the loop does, for logs and people: "reports"
     * @param ending whether it is to end; asked before each turn
     */
    public EndlessLoop(String name, Turn turn, BooleanSupplier ending, Rest rest) {
        this.name = name;
        this.turn = turn;
        this.ending = ending;
        this.rest = rest;
    }

    @Override
    public void run() {
        ended = false;
        try {
            while (!ending.getAsBoolean()) {
                if (!turned()) {
                    rest.rest(pause());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            ended = true;
        }
    }

    /** What its last turn broke of, or that it ended although nobody asked for that; empty when it goes well. */
    public Optional<Failure> trouble() {
        return ended && !ending.getAsBoolean()
                ? trouble.or(() -> Optional.of(failure("ended although nobody asked for that")))
                : trouble;
    }

    private boolean turned() throws InterruptedException {
        Throwable defect;
        try {
            turn.take();
            wentWell();
            return true;
        } catch (InterruptedException e) {
            throw e;
        } catch (Throwable e) {
            defect = e;
        }
        broke(defect);
        return false;
    }

    private void wentWell() {
        if (broken > 0) {
            LOG.info("loop went on loop={} turnsThatBroke={}", name, broken);
            broken = 0;
            trouble = Optional.empty();
        }
    }

    private void broke(Throwable defect) {
        broken++;
        try {
            trouble = Optional.of(failure("met a defect and tries again: " + defect));
            LOG.error("loop met a defect and goes on loop={} time={}", name, broken, defect);
        } catch (Throwable untold) {
            // There was not even the memory to say so; what was said before stands, and the next turn may tell.
            defect = untold;
        }
    }

    private Duration pause() {
        Duration pause = PAUSE_MIN.multipliedBy(1L << Math.min(broken - 1, 6));
        return pause.compareTo(PAUSE_MAX) < 0 ? pause : PAUSE_MAX;
    }

    private Failure failure(String what) {
        return FailureException.of(FailureCode.INTERNAL_ERROR, "The loop \"" + name + "\" " + what + ".").failure();
    }
}
