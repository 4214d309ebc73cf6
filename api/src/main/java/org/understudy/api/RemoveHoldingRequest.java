package org.understudy.api;

import java.util.Optional;

/**
 * Removes the replica of an item that has ended.
 *
 * @param letGo the id of the recovery point, such as {@code 2-0}, that is kept in it until somebody lets it go by name,
 *     and that goes with it; without it a replica that keeps one stays
 */
public record RemoveHoldingRequest(Optional<String> letGo) {}
