package org.understudy.replica;

import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.replication.TargetStanding;

/**
 * Damage in what was acknowledged and not applied: it is told to the source, nothing is taken after it, and what lies
 * behind it is given up when the source asks, which then sends what differs. Nobody else may ask: without a source the
 * journal is all there is. Safe for threads.
 */
final class JournalDamage {
    private static final Logger LOG = LoggerFactory.getLogger(JournalDamage.class);

    private final StateFile state;
    private final Journal journal;
    private final Applying applying;
    private final DiskTurns turns;

    JournalDamage(StateFile state, Journal journal, Applying applying, DiskTurns turns) {
        this.state = state;
        this.journal = journal;
        this.applying = applying;
        this.turns = turns;
    }

    /** The same standing, with the position before the damage, if the last attempt to apply found any. */
    TargetStanding toldIn(TargetStanding standing) {
        return applying.foundDamage() ? new TargetStanding(standing.acknowledged(), standing.held(),
                Optional.of(state.current().applied().position())) : standing;
    }

    /** Refuses what would come after the damage, for it could never be applied. */
    void requireNone() {
        if (applying.foundDamage()) {
            throw FailureException.of(FailureCode.RESYNCHRONIZATION_REQUIRED, "The journal of the replica of "
                    + turns.vmName() + " is damaged after " + state.current().applied().position()
                    + ": what would come after that can never be applied.");
        }
    }

    /** Gives up all that was acknowledged after {@code position}, which is applied; the points up to there stay. */
    void giveUpAfter(LogPosition position) throws IOException {
        try (DiskTurns.Turn _ = turns.take()) {
            turns.requireOpen();
            ReplicaState now = state.current();
            if (now.upToDate() && now.acknowledged().position().equals(position)) {
                return;
            }
            if (!applying.foundDamage() || !now.applied().position().equals(position)) {
                throw FailureException.of(FailureCode.REQUEST_INVALID, "The replica of " + turns.vmName()
                        + " is not found damaged after " + position + ": nothing of it is given up.",
                        "Ask where the target stands and go on from there.");
            }
            if (!turns.mayChange()) {
                throw FailureException.of(FailureCode.BUSY, "The replica of " + turns.vmName() + " is held: "
                        + turns.heldBecause().orElse("it is being closed") + ".");
            }
            applying.takeBackWhatWasBegun();
            journal.goBackToApplied();
            applying.forgetTrouble();
            LOG.warn("journal given up vm={} acknowledged={} wholeUpTo={}", turns.vmName(),
                    now.acknowledged().position(), position);
        }
    }
}
