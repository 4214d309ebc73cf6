package org.understudy.api;

import java.util.Optional;

/**
 * Ends a test failover (TF-13); the notes are kept with the job and in the audit records.
 *
 * @param forget go on without the target host when it cannot be reached
 */
public record CleanupRequest(Optional<String> notes, Optional<Boolean> forget) {
    public CleanupRequest(Optional<String> notes) {
        this(notes, Optional.empty());
    }
}
