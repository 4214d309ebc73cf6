package org.understudy.workflow;

import java.util.Objects;
import java.util.Optional;

/**
 * Which jobs are asked for.
 *
 * @param targetId only those on the target of this id
 * @param activeOnly only those that have not ended
 * @param atMost how many, 1 to 1000
 */
public record JobFilter(Optional<String> targetId, boolean activeOnly, int atMost) {
    public JobFilter {
        Objects.requireNonNull(targetId, "targetId");
        if (atMost < 1 || atMost > 1000) {
            throw new IllegalArgumentException("1 to 1000 jobs can be listed, not " + atMost);
        }
    }
}
