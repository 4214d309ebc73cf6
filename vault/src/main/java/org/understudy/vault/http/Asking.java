package org.understudy.vault.http;

/**
 * The first half of an endpoint that has to hear of others before it can decide, for seconds perhaps: it runs outside
 * of any transaction, and what it returns does the deed within one.
 */
@FunctionalInterface
public interface Asking {
    Endpoint ask(Request request);
}
