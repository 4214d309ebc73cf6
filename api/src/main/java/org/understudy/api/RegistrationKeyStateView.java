package org.understudy.api;

import java.time.Instant;
import java.util.Optional;

/**
 * A registration key that was made, without its secret.
 *
 * @param site the site that its hosts join
 * @param host the registered host that may be set up anew with it; without one it is for hosts with new names
 * @param hosts how many hosts may join with it
 * @param used how many did
 */
public record RegistrationKeyStateView(
        String id, State state, Optional<String> site, Optional<String> host, int hosts, int used,
        Instant createdAt, String createdBy, Instant expiresAt, Optional<Instant> usedAt,
        Optional<Instant> revokedAt) {
    /** What a key is good for just now. */
    public enum State { GOOD, USED, EXPIRED, REVOKED }
}
