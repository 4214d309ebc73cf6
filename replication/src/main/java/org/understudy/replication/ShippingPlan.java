package org.understudy.replication;

import java.util.List;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;

/** What the shipping loop does next. Made by {@link ReplicationPlanner} from where both ends stand. */
public sealed interface ShippingPlan {
    /** The target acknowledged everything that was captured, and the source knows it. */
    record UpToDate(LogPosition at) implements ShippingPlan {}

    /** An acknowledgement was lost: the source learns that the target holds everything up to {@code target}. */
    record CatchUp(LogPosition target) implements ShippingPlan {}

    /** Both ends stand alike and the source is about to cover its disks anew: ask what the target holds. */
    record Compare(HashRequest request) implements ShippingPlan {}

    /** Ship these positions, oldest first; never empty. */
    record Ship(List<LogPosition> positions) implements ShippingPlan {
        public Ship {
            positions = List.copyOf(positions);
        }
    }

    /**
     * The chain is broken: go on from {@code to}, which the target holds whole. Where the source cannot tell what
     * changed since, it covers its disks anew from there.
     */
    record GoBack(LogPosition to, Reason reason) implements ShippingPlan {}

    /** The two ends are of two chains, whose positions mean nothing to each other: nothing is shipped. */
    record Foreign(LogPosition source, LogPosition target) implements ShippingPlan {
        /** In the words for a person. */
        public FailureException asFailure() {
            return FailureException.of(FailureCode.RELATIONSHIP_REFUSED, "The source stands at " + source
                    + " and the target at " + target + ": the target holds another generation.");
        }
    }

    /** Why a chain broke. */
    enum Reason {
        TARGET_AHEAD("the target acknowledged what this source has never captured"),
        TARGET_BEHIND("the source no longer keeps the logs that the target lacks"),
        LOGS_LOST("logs that the target lacks are gone or damaged at the source"),
        LOGS_DAMAGED("the target finds the same log damaged ever again"),
        JOURNAL_DAMAGED("a log that the target acknowledged and had not applied is damaged there");

        private final String text;

        Reason(String text) {
            this.text = text;
        }

        /** For a person, a clause without a full stop. */
        public String text() {
            return text;
        }
    }
}
