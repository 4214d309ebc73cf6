package org.understudy.vault.http;

import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/** Where it is written down who did or tried what; what this package needs of those who keep it. */
public interface AuditTrail {
    /** Durable when it returns. */
    void record(Entry entry);

    /** Does something together with the record that it makes of it: both are durable when it returns, or neither. */
    <T> T together(Supplier<T> deed);

    /**
     * What a request was answered that began a job, if it was made before under the same key. Until the transaction
     * ends nobody else makes one under it. REQUEST_INVALID when the key was used for something else,
     * or to ask for it otherwise.
     */
    default Optional<String> begun(Repeat repeat) {
        return Optional.empty();
    }

    /** Keeps what a request is answered that begins a job; within the same transaction. */
    default void begins(Repeat repeat, String answer) {}

    /**
     * A request that may be made again.
     *
     * @param key drawn by who makes it, once for all its repetitions
     * @param request its method and path
     * @param body a digest of what it asks for
     */
    record Repeat(UUID key, String caller, String request, String body) {}

    /**
     * A deed.
     *
     * @param actor a token's name, a host's name, or an address
     * @param outcome {@code done}, or the code of the failure
     */
    record Entry(String actor, String action, Optional<String> object, String outcome, Optional<String> details) {}
}
