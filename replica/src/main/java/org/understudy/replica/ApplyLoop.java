package org.understudy.replica;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.model.FailureException;

/**
 * Applies one replica's journal as it grows and trims its points now and then, in a virtual thread of its own.
 * What goes wrong is told by {@link Replica#report}, logged when it begins, and tried again after a pause.
 */
public final class ApplyLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ApplyLoop.class);

    private final Replica replica;
    private final Clock clock;
    private final Pauses pauses;
    private final Thread thread;
    private volatile boolean ending;
    private String trouble = "";
    private Instant nextTrim;

    private ApplyLoop(Replica replica, Clock clock, Pauses pauses) {
        this.replica = replica;
        this.clock = clock;
        this.pauses = pauses;
        this.nextTrim = clock.instant().plus(pauses.trimming());
        this.thread = Thread.ofVirtual().name("apply-" + replica.spec().item()).unstarted(this::run);
    }

    /** Starts applying. */
    public static ApplyLoop start(Replica replica, Clock clock, Pauses pauses) {
        ApplyLoop loop = new ApplyLoop(replica, clock, pauses);
        loop.thread.start();
        return loop;
    }

    private void run() {
        try {
            while (!ending) {
                turn();
                replica.awaitWork(pauses.trying());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void turn() {
        try {
            replica.applyWhile(() -> !ending);
            if (!clock.instant().isBefore(nextTrim)) {
                nextTrim = clock.instant().plus(pauses.trimming());
                replica.trimPoints();
            }
            if (!trouble.isEmpty()) {
                LOG.info("applying went on item={}", replica.spec().item());
                trouble = "";
            }
        } catch (IOException | FailureException e) {
            String kind = e instanceof FailureException failure ? failure.failure().code().name() : e.toString();
            if (!kind.equals(trouble)) {
                LOG.warn("applying stopped item={} trouble={}", replica.spec().item(), kind, e);
                trouble = kind;
            }
        }
    }

    /** Ends after the position that is being applied; the replica stays open. */
    @Override
    public void close() {
        ending = true;
        replica.wake();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * How often the loop does what nobody asked for.
     *
     * @param trying between two attempts when something is wrong, or nothing was said
     * @param trimming between two trimmings of points: many at once are cheaper than each by itself
     */
    public record Pauses(Duration trying, Duration trimming) {
        /** For production. */
        public static final Pauses USUAL = new Pauses(Duration.ofSeconds(5), Duration.ofMinutes(5));
    }
}
