package org.understudy.workflow;

import java.util.Objects;

/**
 * What a job works on. At most one job is active on it at a time (P-50).
 *
 * @param name for people; may be another at the next job
 */
public record JobTarget(String kind, String id, String name) {
    public JobTarget {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(name, "name");
    }
}
