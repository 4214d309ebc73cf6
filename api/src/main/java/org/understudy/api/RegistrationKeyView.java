package org.understudy.api;

import java.time.Instant;
import java.util.Optional;

/**
 * A registration key, told once.
 *
 * @param file the whole content of the key file that the agent's {@code register} reads
 * @param host the registered host that may be set up anew with it; without one it is for hosts with new names
 */
public record RegistrationKeyView(
        String id, String file, Instant expiresAt, Optional<String> site, Optional<String> host) {}
