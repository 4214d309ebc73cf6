package org.understudy.replication;

import java.util.Objects;

/** What a source can no longer tell of its VM, found out and not yet dealt with; which of the two decides the plan. */
public sealed interface Loss {
    /** For a person: what was lost and how, a clause without a full stop. */
    String reason();

    /** What changed since the last cycle is not known any more: every disk is covered anew. */
    record OfChanges(String reason) implements Loss {
        public OfChanges {
            Objects.requireNonNull(reason, "reason");
        }
    }

    /** Closed logs that the target lacks are gone or damaged: what was in them is captured again. */
    record OfLogs(String reason) implements Loss {
        public OfLogs {
            Objects.requireNonNull(reason, "reason");
        }
    }
}
