package org.understudy.api;

import java.util.Optional;

/**
 * Starts a test failover (TF-02).
 *
 * @param point {@code latest} (when left out), {@code latest-processed}, {@code latest-application-consistent} or a
 *     point's id
 * @param network {@code isolated} (when left out), {@code none}, the name of a network of the target host, or
 *     {@code network:} and a name, for one that is called isolated or none
 * @param force true to use a network to which a network of production is mapped: the test VM has the addresses of the
 *     one that it is a copy of
 * @param reason needed with force; kept in the audit
 */
public record TestFailoverRequest(
        Optional<String> point, Optional<String> network, Optional<Boolean> force, Optional<String> reason) {
    public TestFailoverRequest {
        force = force == null ? Optional.empty() : force;
        reason = reason == null ? Optional.empty() : reason;
    }

    public TestFailoverRequest(Optional<String> point, Optional<String> network) {
        this(point, network, Optional.empty(), Optional.empty());
    }

    /** From the latest point into an isolated network. */
    public static TestFailoverRequest isolated() {
        return new TestFailoverRequest(Optional.empty(), Optional.empty());
    }
}
