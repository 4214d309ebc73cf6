package org.understudy.vault.item;

/**
 * A request on an item, and by whom it was made.
 *
 * @param actor the name of the caller, for the job's record
 */
public record Asked<T>(T request, String actor) {}
