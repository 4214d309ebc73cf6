package org.understudy.vault.http;

/**
 * What answers one kind of request: a view, sent as JSON with status 200; an {@link Answer} for another status; null
 * for 204. Refuses by a {@link org.understudy.model.FailureException}. Called on a virtual thread; may block.
 */
@FunctionalInterface
public interface Endpoint {
    Object answer(Request request);
}
