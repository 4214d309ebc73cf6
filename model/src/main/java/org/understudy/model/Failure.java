package org.understudy.model;

import java.time.Instant;
import java.util.Objects;

/**
 * Why something did not happen, in the words an operator reads. Travels on every wire; holds no stack trace.
 *
 * @param code its entry in the catalogue, and so whether to try again
 * @param message names the thing, the fact and what was expected
 * @param recommendedAction what to do next
 * @param at when it was noticed
 */
public record Failure(FailureCode code, String message, String recommendedAction, Instant at) {
    public Failure {
        Objects.requireNonNull(code, "code");
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(recommendedAction, "recommendedAction");
        Objects.requireNonNull(at, "at");
    }

    /** As an exception, for the code between the one who noticed and the one who answers. */
    public FailureException asException() {
        return new FailureException(this, null);
    }
}
