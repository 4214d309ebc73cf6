package org.understudy.api;

import org.understudy.model.FailureCode;

/** One reason why a VM cannot be protected as it is. */
public record ReadinessError(FailureCode code, String message, String recommendedAction) {
    /** With the catalogue's own recommended action. */
    public static ReadinessError of(FailureCode code, String message) {
        return new ReadinessError(code, message, code.recommendedAction());
    }
}
