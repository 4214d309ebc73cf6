package org.understudy.replica;

import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/**
 * Drops and merges the points of one replica that its retention does not keep and nobody pinned. Nothing while a branch
 * is open, and nothing after the fence. Safe for threads.
 */
final class Retaining {
    private final ReplicaStore store;
    private final StateFile state;
    private final DiskTurns turns;
    private final StorageReserve reserve;
    private final WorkRoom room;
    private final Pins pins;
    private final AtomicBoolean asked = new AtomicBoolean();
    private volatile Optional<Failure> trouble = Optional.empty();

    Retaining(ReplicaStore store, StateFile state, DiskTurns turns, StorageReserve reserve, WorkRoom room, Pins pins) {
        this.store = store;
        this.state = state;
        this.turns = turns;
        this.reserve = reserve;
        this.room = room;
        this.pins = pins;
    }

    Pins pins() {
        return pins;
    }

    void trim(ReplicaSpec spec, Instant now) throws IOException {
        try (WorkRoom.Place _ = room.toMerge()) {
            for (RetentionPlanner.Run run : plan(spec, now).runs()) {
                while (trimPiece(run)) {
                    continue;
                }
            }
            trouble = Optional.empty();
        } catch (FailureException e) {
            trouble = Optional.of(e.failure());
            throw e;
        } catch (IOException | RuntimeException | Error e) {
            trouble = Optional.of(FailureException.of(FailureCode.TARGET_IO_FAILED, "points of " + spec.vmName()
                    + " in " + reserve.folder() + " cannot be dropped or merged: " + e).failure());
            throw e;
        }
    }

    private RetentionPlanner.Plan plan(ReplicaSpec spec, Instant now) {
        ReplicaInstant applied = state.current().applied();
        var instants = store.instants().before(applied.position());
        instants.add(applied);
        return RetentionPlanner.plan(instants, now, spec.retention(), pins.all());
    }

    /** One piece at a time under the lock: neither applying nor a branch waits for all of it. */
    private boolean trimPiece(RetentionPlanner.Run run) throws IOException {
        try (DiskTurns.Turn _ = turns.take()) {
            return !state.current().fenced() && turns.mayChange() && store.trim(run);
        } catch (IOException e) {
            throw reserve.orFull(e);
        }
    }

    /** Asks for a trim before it is time. */
    void ask() {
        asked.set(true);
    }

    /** Whether somebody asked; told once. */
    boolean takeAsked() {
        return asked.getAndSet(false);
    }

    /** Why points could not be dropped or merged the last time, if they could not. */
    Optional<Failure> trouble() {
        return trouble;
    }
}
