package org.understudy.workflow;

import java.time.Instant;
import java.util.Optional;
import org.understudy.model.Failure;

/**
 * A step of a job as it stands.
 *
 * @param cancellable whether the job may be cancelled while it stands in this step
 * @param attempt how often it was tried, from 1; 0 before the first. A run after a kill or a signal is no new attempt
 * @param nextAttemptAt when it is tried again; empty when it does not wait for that
 * @param percent progress, 0 to 100
 * @param note what it does, found or waits for
 * @param failure why it failed, or why it is tried again
 */
public record JobStep(
        String id, String name, boolean cancellable, JobState state, int attempt, Optional<Instant> startedAt,
        Optional<Instant> endedAt, Optional<Instant> nextAttemptAt, int percent, Optional<String> note,
        Optional<Failure> failure) {}
