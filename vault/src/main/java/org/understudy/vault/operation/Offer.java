package org.understudy.vault.operation;

import org.understudy.api.Operation;
import org.understudy.vault.http.Role;

/**
 * What of an operation is known without an item.
 *
 * @param operation its word, from which its path follows
 * @param role who may ask, and so cancel, restart and resume its job
 * @param request what REST takes
 */
public record Offer<Q>(Operation operation, Role role, Class<Q> request) {
    /** Of an operation with nothing to choose. */
    public static Offer<NothingAsked> of(Operation operation, Role role) {
        return new Offer<>(operation, role, NothingAsked.class);
    }
}
