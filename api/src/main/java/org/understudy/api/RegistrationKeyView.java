package org.understudy.api;

import java.time.Instant;
import java.util.Optional;

/**
 * A registration key, told once.
 *
 * @param file the whole content of the key file that the agent's {@code register} reads
 */
public record RegistrationKeyView(String file, Instant expiresAt, Optional<String> site) {}
