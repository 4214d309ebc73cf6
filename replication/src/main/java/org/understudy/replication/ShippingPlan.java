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

    /** Ship these positions, oldest first; never empty. */
    record Ship(List<LogPosition> positions) implements ShippingPlan {
        public Ship {
            positions = List.copyOf(positions);
        }
    }

    /** The two ends no longer meet: compare the disks in a new generation. */
    record Resynchronize(Reason reason, LogPosition source, LogPosition target) implements ShippingPlan {
        /** In the words for a person. */
        public FailureException asFailure() {
            return FailureException.of(FailureCode.RESYNCHRONIZATION_REQUIRED,
                    "The source stands at " + source + " and the target at " + target + ": " + reason.text() + ".");
        }
    }

    /** Why two ends no longer meet. */
    enum Reason {
        ANOTHER_GENERATION("the target holds another generation"),
        TARGET_AHEAD_OF_SOURCE("the target acknowledged what this source has never captured"),
        ANOTHER_SEGMENT("the target holds more of a segment than this source has"),
        LOGS_GONE("the source no longer keeps the logs that the target lacks");

        private final String text;

        Reason(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }
}
