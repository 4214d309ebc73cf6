package org.understudy.api;

import java.util.Optional;

/**
 * Starts a test failover (TF-02).
 *
 * @param point {@code latest} (when left out), {@code latest-processed}, {@code latest-application-consistent} or a
 *     point's id
 * @param network {@code isolated} (when left out), {@code none}, or the name of a network of the target host
 */
public record TestFailoverRequest(Optional<String> point, Optional<String> network) {
    /** From the latest point into an isolated network. */
    public static TestFailoverRequest isolated() {
        return new TestFailoverRequest(Optional.empty(), Optional.empty());
    }
}
