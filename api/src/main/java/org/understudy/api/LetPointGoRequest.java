package org.understudy.api;

/**
 * Lets a recovery point go that is kept whatever the retention says: from then on it is deleted as any other is.
 *
 * @param point its id, such as {@code 2-0}
 */
public record LetPointGoRequest(String point) {}
