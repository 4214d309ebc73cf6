package org.understudy.api;

import java.util.Optional;

/** Ends a test failover (TF-13); the notes are kept with the job and in the audit records. */
public record CleanupRequest(Optional<String> notes) {}
