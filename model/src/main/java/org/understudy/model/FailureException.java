package org.understudy.model;

import java.time.Clock;

/** A {@link Failure} on its way to the edge (a REST answer, a report, a job's step) that tells it to a person. */
public final class FailureException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Failure failure;

    public FailureException(Failure failure, Throwable cause) {
        super(failure.code() + ": " + failure.message(), cause);
        this.failure = failure;
    }

    /** A failure noticed now, with the catalogue's own recommended action. */
    public static FailureException of(FailureCode code, String message) {
        return of(code, message, code.recommendedAction());
    }

    /** A failure noticed now, with an action fit for this very case. */
    public static FailureException of(FailureCode code, String message, String recommendedAction) {
        return new FailureException(new Failure(code, message, recommendedAction, Clock.systemUTC().instant()), null);
    }

    /** The same failure with what it came from, which is for a log and not for a person. */
    public FailureException causedBy(Throwable cause) {
        return new FailureException(failure, cause);
    }

    public Failure failure() {
        return failure;
    }
}
