package org.understudy.replication;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.model.FailureException;
import org.understudy.model.ItemId;

/**
 * Replicates one protected item: a loop that captures and a loop that ships, side by side, until {@link #stop}.
 *
 * <p>Both loops only plan from standings and do; what they share are the facts of the report, guarded by a lock that is
 * never held across a call of an end. Replication knows no vault: it goes on as long as source and target do.
 *
 * <p>Capturing follows the copy frequency (initial replication does not wait), goes on while shipping is in progress or
 * the target is away, and waits when {@link ReplicationPlanner#WAITING_CYCLES_MAX} cycles wait. Shipping that needs a
 * hand ({@link Trouble#halts}) halts capturing too; when capturing needs one, what was captured is still shipped.
 * Every method may be called from any thread.
 */
public final class ReplicationDriver implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(ReplicationDriver.class);
    private static final Duration STOP_MAX = Duration.ofSeconds(2);

    private final ItemId item;
    private final SourceEnd source;
    private final Duration copyFrequency;
    private final Pace pace;
    private final DriverLoop capturing;
    private final DriverLoop shipping;
    private final TargetDialer dialer;
    private final DriverFacts facts;
    private final Lock lock = new ReentrantLock();
    private List<Pace.Running> running = List.of();
    private boolean stopped;

    public ReplicationDriver(
            ItemId item, SourceEnd source, TargetDialer dialer, Duration copyFrequency, Backoff backoff, Pace pace) {
        this.item = Objects.requireNonNull(item, "item");
        this.source = Objects.requireNonNull(source, "source");
        this.copyFrequency = Objects.requireNonNull(copyFrequency, "copyFrequency");
        this.pace = Objects.requireNonNull(pace, "pace");
        this.dialer = Objects.requireNonNull(dialer, "dialer");
        Pace.Signal signal = pace.signal();
        this.facts = new DriverFacts(signal);
        this.capturing = new DriverLoop(
                item, "capturing", pace, signal, backoff.cappedBy(Backoff.CAP_AT_SOURCE));
        this.shipping = new DriverLoop(item, "shipping", pace, signal, backoff);
    }

    /** Starts both loops; once. */
    public void start() {
        lock.lock();
        try {
            if (stopped || !running.isEmpty()) {
                throw new IllegalStateException("the driver of item " + item + " was started before");
            }
            running = List.of(startShipping(), startCapturing());
        } finally {
            lock.unlock();
        }
        LOGGER.info("item={} replication started copyFrequency={}", item, copyFrequency);
    }

    /**
     * Begins a cycle at once instead of when it is due, and makes the next attempt at once where a loop pauses. The
     * cycle begins after this call; when as many wait as may, as soon as one was acknowledged. Repeated nudges are one.
     */
    public void nudge() {
        facts.nudge();
        capturing.hurry();
        shipping.hurry();
    }

    /** A person has dealt with what halted it: goes on, with pauses that begin anew; a loop that ended is started. */
    public void resume() {
        lock.lock();
        try {
            if (!stopped && !running.isEmpty()) {
                running = List.of(
                        shipping.ended() ? startShipping() : running.getFirst(),
                        capturing.ended() ? startCapturing() : running.getLast());
            }
        } finally {
            lock.unlock();
        }
        capturing.resume();
        shipping.resume();
    }

    private Pace.Running startShipping() {
        return shipping.start(new ShipTurn(facts, source, dialer));
    }

    private Pace.Running startCapturing() {
        return capturing.start(new CaptureTurn(facts, source, pace, copyFrequency, shipping::standsStill));
    }

    /**
     * Ends both loops, wherever they stand, within about two seconds; whatever was under way is planned again by the
     * next driver. When it returns and {@link #ended} is true no end is called any more.
     */
    public void stop() {
        lock.lock();
        try {
            stopped = true;
        } finally {
            lock.unlock();
        }
        capturing.stop();
        shipping.stop();
        facts.session().ifPresent(TargetEnd::close);
        running().forEach(Pace.Running::interrupt);
        if (ended(STOP_MAX)) {
            LOGGER.info("item={} replication stopped", item);
        } else {
            LOGGER.warn("item={} replication was told to stop and has not ended in limit={}", item, STOP_MAX);
        }
    }

    /** Whether both loops have ended, or were never started. */
    public boolean ended() {
        return ended(Duration.ZERO);
    }

    /** Whether both loops have ended within {@code atMost}. */
    public boolean ended(Duration atMost) {
        long end = pace.nanos() + atMost.toNanos();
        try {
            for (Pace.Running loop : running()) {
                if (!loop.awaitEnd(Duration.ofNanos(Math.max(1, end - pace.nanos())))) {
                    return false;
                }
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private List<Pace.Running> running() {
        lock.lock();
        try {
            return running;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        stop();
    }

    /** How it stands now; answers at once. */
    public DriverReport report() {
        Optional<Trouble> trouble = shipping.trouble().or(capturing::trouble);
        Optional<SourceStanding> standing = standing();
        return new DriverReport(phase(standing), standing, facts.sent(), trouble, facts.lastAcknowledged());
    }

    /** Asked now, since the loops may have noted theirs in either order; as last noted when it cannot be asked. */
    private Optional<SourceStanding> standing() {
        try {
            return stopped() ? facts.standing() : Optional.of(source.standing());
        } catch (IOException | FailureException e) {
            LOGGER.debug("item={} source did not tell its standing", item, e);
            return facts.standing();
        }
    }

    private DriverPhase phase(Optional<SourceStanding> standing) {
        if (stopped()) {
            return DriverPhase.STOPPED;
        }
        if (shipping.halted() || capturing.halted()) {
            return DriverPhase.HALTED;
        }
        return standing.map(SourceStanding::initial).orElse(true)
                ? DriverPhase.INITIAL_REPLICATION : DriverPhase.REPLICATING;
    }

    private boolean stopped() {
        lock.lock();
        try {
            return stopped;
        } finally {
            lock.unlock();
        }
    }
}
