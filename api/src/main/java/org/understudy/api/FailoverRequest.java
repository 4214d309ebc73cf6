package org.understudy.api;

import java.util.Optional;

/**
 * Starts an unplanned failover (UF-01).
 *
 * @param point as of a test failover
 * @param shutDownSource try to shut the source VM down first and go on if that fails; true when left out
 * @param force start although the source VM may be running; needs a reason, which is audited
 */
public record FailoverRequest(
        Optional<String> point, Optional<Boolean> shutDownSource, Optional<Boolean> force, Optional<String> reason) {
    /** To the latest point, shutting the source down if it can be reached. */
    public static FailoverRequest latest() {
        return new FailoverRequest(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }
}
