package org.understudy.replication;

import java.io.IOException;
import java.time.Duration;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;

/** What one of the driver's loops does, a turn at a time: plan from standings, do one thing. Never tries again. */
interface LoopTurn {
    /** No need to look again until something is told. Finite, so that it can be waited for. */
    Duration UNTIL_TOLD = Duration.ofDays(1);

    /**
     * Does one thing, telling {@code loop} when it got on; returns how long the next turn may wait unless something is
     * told, zero to plan again at once.
     */
    Duration take(DriverLoop loop) throws IOException, InterruptedException;

    /** What an {@link IOException} of {@link #take} means here. */
    Failure failureOf(IOException e);

    /**
     * Whether a failure of {@link #take} is tried again without a person; asked once for each, by the loop's thread.
     * Only what provably cannot pass by itself is not: a fence is for ever, damaged logs stay so, and who is not known
     * or trusted is let in by a person. What a hypervisor refuses, a disk that is away, another release at the other
     * end, a defect that met a shortage: all of that passes, and nobody should have to come for it.
     */
    default boolean triesAgain(Failure failure) {
        return switch (failure.code().kind()) {
            case TRY_AGAIN, DEFECT -> true;
            case NEEDS_OPERATOR -> switch (failure.code()) {
                case REPLICA_FENCED, RELATIONSHIP_REFUSED, PEER_NOT_TRUSTED -> false;
                case FailureCode _ -> true;
            };
            case CALLER_MISTAKE, CORRUPT_DATA -> false;
        };
    }

    /** Lets go of whatever a failed turn left open. */
    void letGo();

    /** Asked about once a second during a pause: whether what failed is worth an attempt before the pause is over. */
    boolean recovered(Failure failure);
}
