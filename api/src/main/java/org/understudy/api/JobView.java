package org.understudy.api;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.understudy.model.Failure;
import org.understudy.model.JobId;

/**
 * A job: one operation, in named steps (J-01).
 *
 * @param stateDescription more of the state, such as {@code WaitingForStopTestFailover} (J-02)
 * @param object what it works on
 * @param error why it failed
 */
public record JobView(
        JobId id, String name, State state, Optional<String> stateDescription, Optional<JobObject> object,
        List<Step> steps, Optional<Failure> error, Instant createdAt, Optional<Instant> startedAt,
        Optional<Instant> endedAt, List<Action> allowedActions) {
    public JobView {
        steps = List.copyOf(steps);
        allowedActions = List.copyOf(allowedActions);
    }

    /** The states of jobs and steps (J-02). */
    public enum State {
        NOT_STARTED, IN_PROGRESS, SUCCEEDED, FAILED, CANCELLED, SUSPENDED, CANCELLING, SKIPPED;

        /** Whether nothing more happens by itself, nor is waited for. */
        public boolean isEnded() {
            return this == SUCCEEDED || this == FAILED || this == CANCELLED || this == SKIPPED;
        }
    }

    /** What may be asked of the job now (J-03). */
    public enum Action { CANCEL, RESTART, RESUME }

    /** What a job works on. */
    public record JobObject(String kind, String id, String name) {}

    /**
     * A step of a job.
     *
     * @param attempt how often it was tried
     * @param nextAttempt when it is tried again; empty when it is not waiting for that
     * @param note what it found or waits for
     */
    public record Step(
            String name, State state, int attempt, Optional<Instant> startedAt, Optional<Instant> endedAt,
            Optional<Instant> nextAttempt, Optional<String> note, Optional<Failure> error) {}
}
