package org.understudy.api;

import java.time.Duration;
import java.util.Optional;

/**
 * Asks for a registration key (V-03).
 *
 * @param site name or id of the site whose host registers with it; without one the host is assigned later
 * @param validFor up to 5 days, which is what it is when left out
 * @param host name or id of the registered host that may be set up anew with it, which takes an administrator; without
 *     one the key is for hosts with new names alone
 * @param hosts how many hosts may join with it, 1 to 100; one when left out
 */
public record RegistrationKeyRequest(
        Optional<String> site, Optional<Duration> validFor, Optional<String> host, Optional<Integer> hosts) {
    /** For one host with a new name. */
    public RegistrationKeyRequest(Optional<String> site, Optional<Duration> validFor) {
        this(site, validFor, Optional.empty(), Optional.empty());
    }
}
