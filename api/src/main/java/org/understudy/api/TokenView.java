package org.understudy.api;

import java.time.Instant;

/**
 * A token of the REST interface; what it is itself is told once, when it is made.
 *
 * @param role {@code READER}, {@code OPERATOR}, {@code CONTRIBUTOR} or {@code ADMINISTRATOR} (V-11)
 */
public record TokenView(String name, String role, Instant createdAt, String createdBy) {}
