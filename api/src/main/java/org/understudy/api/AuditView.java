package org.understudy.api;

import java.time.Instant;
import java.util.Optional;

/**
 * An audit record.
 *
 * @param actor who: a token's name, a host's name or an address
 * @param action what was asked
 * @param object of what
 * @param outcome whether it was done or refused, and why
 */
public record AuditView(
        long id, Instant at, String actor, String action, Optional<String> object, String outcome,
        Optional<String> details) {}
