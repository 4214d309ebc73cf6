package org.understudy.api;

import java.time.Duration;
import java.util.Optional;

/**
 * Asks for a registration key (V-03).
 *
 * @param site name or id of the site whose host registers with it; without one the host is assigned later
 * @param validFor up to 5 days, which is what it is when left out
 */
public record RegistrationKeyRequest(Optional<String> site, Optional<Duration> validFor) {}
