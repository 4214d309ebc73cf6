package org.understudy.vault.http;

import java.util.Optional;
import java.util.function.Supplier;

/** Where it is written down who did or tried what; what this package needs of those who keep it. */
public interface AuditTrail {
    /** Durable when it returns. */
    void record(Entry entry);

    /** Does something together with the record that it makes of it: both are durable when it returns, or neither. */
    <T> T together(Supplier<T> deed);

    /**
     * A deed.
     *
     * @param actor a token's name, a host's name, or an address
     * @param outcome {@code done}, or the code of the failure
     */
    record Entry(String actor, String action, Optional<String> object, String outcome, Optional<String> details) {}
}
