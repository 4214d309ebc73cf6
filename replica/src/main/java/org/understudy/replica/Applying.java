package org.understudy.replica;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.understudy.changelog.ChangeLogException;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;

/**
 * The positions that are acknowledged and not yet applied, taken one after the other (D-04): apply, move the state on,
 * forget the segments. A crash between two of these does the position again. Safe for threads; each position is a turn
 * of its own, so whoever waits for a branch does not wait for the whole journal.
 */
final class Applying {
    private final StateFile state;
    private final Journal journal;
    private final ReplicaStore store;
    private final StorageReserve reserve;
    private final DiskTurns turns;
    private final WorkRoom room;
    private final Semaphore work = new Semaphore(0);
    private final AtomicReference<Optional<Failure>> trouble = new AtomicReference<>(Optional.empty());

    Applying(StateFile state, Journal journal, ReplicaStore store, StorageReserve reserve, DiskTurns turns,
            WorkRoom room) {
        this.room = room;
        this.state = state;
        this.journal = journal;
        this.store = store;
        this.reserve = reserve;
        this.turns = turns;
    }

    /** Applies until nothing is left, applying is held, or {@code goOn} says no; answers how many were applied. */
    int applyWhile(BooleanSupplier goOn) throws IOException {
        int applied = 0;
        try {
            while (goOn.getAsBoolean() && applyNext()) {
                applied++;
            }
        } catch (FailureException e) {
            trouble.set(Optional.of(e.failure()));
            throw e;
        } catch (IOException e) {
            FailureException failed = FailureException.of(FailureCode.TARGET_IO_FAILED,
                    "the replica of " + turns.vmName() + " in " + reserve.folder() + " cannot be written: " + e);
            trouble.set(Optional.of(failed.failure()));
            throw e;
        } catch (RuntimeException | Error e) {
            trouble.set(Optional.of(FailureException.of(FailureCode.INTERNAL_ERROR,
                    "applying to the replica of " + turns.vmName() + " met a defect: " + e).failure()));
            throw e;
        }
        trouble.set(Optional.empty());
        return applied;
    }

    /**
     * Applies up to a position, that one included; STATE_FORBIDS when it would have to and applying is held. For who
     * has a turn and a place.
     */
    void applyUpTo(LogPosition position) throws IOException {
        if (!isAhead(position)) {
            return;
        }
        Optional<String> held = turns.heldBecause();
        if (held.isPresent()) {
            throw FailureException.of(FailureCode.STATE_FORBIDS, "point " + position + " of " + turns.vmName()
                    + " is not applied yet, and applying is held: " + held.get(),
                    "End that first, or choose a point that is processed.");
        }
        while (isAhead(position) && applyNextInTurn()) {
            continue;
        }
    }

    private boolean isAhead(LogPosition position) {
        return LogPosition.ORDER.compare(position, state.current().applied().position()) > 0;
    }

    private boolean applyNext() throws IOException {
        while (true) {
            try (WorkRoom.Place _ = room.toApply()) {
                Optional<DiskTurns.Turn> soon = turns.takeSoon();
                if (soon.isPresent()) {
                    try (DiskTurns.Turn _ = soon.get()) {
                        return applyNextInTurn();
                    }
                }
            }
            // Somebody has the disks for longer, to make a branch: others shall have our place meanwhile.
            turns.take().close();
        }
    }

    private boolean applyNextInTurn() throws IOException {
        try {
            ReplicaState now = state.current();
            if (now.upToDate() || !turns.mayChange()) {
                return false;
            }
            if (store.lostItsInstant()) {
                state.update(ReplicaState::appliedIsNoPoint);
                now = state.current();
            }
            ReplicaInstant next = journal.pending(now.nextToApply());
            try {
                store.apply(now.applied(), next, journal.segments(next.position()));
            } catch (ChangeLogException e) {
                throw FailureException.of(FailureCode.RESYNCHRONIZATION_REQUIRED,
                        "journal of " + turns.vmName() + " at " + next.position() + " is damaged: " + e.getMessage()
                                + "; the replica keeps its points up to " + now.applied().position()).causedBy(e);
            }
            state.update(before -> before.applied(next));
            journal.forget(next.position());
            return true;
        } catch (IOException e) {
            throw reserve.orFull(e);
        }
    }

    /** Waits until there may be something to apply, or for so long; answers whether somebody said so. */
    boolean awaitWork(Duration timeout) throws InterruptedException {
        boolean told = work.tryAcquire(timeout.toMillis(), TimeUnit.MILLISECONDS);
        work.drainPermits();
        return told;
    }

    /** Says that there may be something to apply. */
    void wake() {
        work.release();
    }

    /** Why applying failed the last time, if it did. */
    Optional<Failure> trouble() {
        return trouble.get();
    }

    /** Whether the next position cannot be applied because its segments are damaged, as the last attempt found. */
    boolean foundDamage() {
        return trouble().filter(failure -> failure.code() == FailureCode.RESYNCHRONIZATION_REQUIRED).isPresent()
                && !state.current().upToDate();
    }

    /** Makes the disks what the applied position says, when another was begun and is given up. For who has a turn. */
    void takeBackWhatWasBegun() throws IOException {
        store.takeBackWhatWasBegun(state.current().applied());
    }

    /** What could not be applied is not wanted any more. */
    void forgetTrouble() {
        trouble.set(Optional.empty());
    }

    /** Waits for the position being applied, then closes the disks. */
    void close() throws IOException {
        wake();
        try (DiskTurns.Turn _ = turns.take()) {
            store.close();
        }
    }
}
