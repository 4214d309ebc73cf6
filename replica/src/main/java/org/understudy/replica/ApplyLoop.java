package org.understudy.replica;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/**
 * Applies one replica's journal as it grows and trims its points now and then, in a virtual thread of its own.
 * What goes wrong, whatever it is, is told by {@link Replica#report}, logged when it begins, and tried again after a
 * pause: nothing but {@link #close} ends the loop.
 */
public final class ApplyLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ApplyLoop.class);

    private final Replica replica;
    private final LongSupplier nanoTime;
    private final Pauses pauses;
    private final Thread thread;
    private volatile boolean ending;
    private String trouble = "";
    private long nextTrim;

    private ApplyLoop(Replica replica, LongSupplier nanoTime, Pauses pauses) {
        this.replica = replica;
        this.nanoTime = nanoTime;
        this.pauses = pauses;
        this.nextTrim = nanoTime.getAsLong() + firstPause();
        this.thread = Thread.ofVirtual().name("apply-" + replica.spec().item()).unstarted(this::run);
    }

    /** The replicas of a host do not trim in one instant after its start, but spread over the pause. */
    private long firstPause() {
        int spread = Math.floorMod(replica.spec().item().hashCode(), 1000);
        return pauses.trimming().toNanos() / 1000 * spread;
    }

    /**
     * Starts applying.
     *
     * @param nanoTime a clock that is never set, as {@link System#nanoTime}: pauses are of time that passes
     */
    public static ApplyLoop start(Replica replica, LongSupplier nanoTime, Pauses pauses) {
        ApplyLoop loop = new ApplyLoop(replica, nanoTime, pauses);
        loop.thread.start();
        return loop;
    }

    /** Whether it goes on; a loop that does not and was not closed is a defect that must be told. */
    public boolean isAlive() {
        return thread.isAlive();
    }

    private void run() {
        while (!ending) {
            Throwable untold = tried(this::turn);
            if (untold == null) {
                untold = tried(() -> replica.awaitWork(pauses.trying()));
            }
            if (untold != null) {
                // Even telling of it failed, as it does when memory is short: there may be some after a pause. An
                // interrupt is no reason to end, for nobody has a reason to make one.
                LockSupport.parkNanos(pauses.trying().toNanos());
            }
        }
    }

    /** Points go before more is written: dropping them is what makes room on a full disk. */
    private void turn() {
        Throwable trimming = trimIfDue();
        Throwable applying = tried(() -> replica.applyWhile(() -> !ending));
        if (applying instanceof FailureException e && e.failure().code() == FailureCode.TARGET_STORAGE_FULL) {
            nextTrim = nanoTime.getAsLong();
        }
        note(applying == null ? trimming : applying);
    }

    private Throwable trimIfDue() {
        long now = nanoTime.getAsLong();
        if (!replica.takeTrimAsked() && now - nextTrim < 0) {
            return null;
        }
        nextTrim = now + pauses.trimming().toNanos();
        return tried(replica::trimPoints);
    }

    private static Throwable tried(Work work) {
        try {
            work.run();
            return null;
        } catch (Throwable e) {
            return e;
        }
    }

    private void note(Throwable failed) {
        String kind = failed == null ? ""
                : failed instanceof FailureException failure ? failure.failure().code().name() : failed.toString();
        if (!kind.equals(trouble)) {
            if (failed == null) {
                LOG.info("applying went on item={}", replica.spec().item());
            } else {
                LOG.warn("applying stopped item={} trouble={}", replica.spec().item(), kind, failed);
            }
            trouble = kind;
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

    /** A part of a turn. */
    private interface Work {
        void run() throws IOException, InterruptedException;
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
