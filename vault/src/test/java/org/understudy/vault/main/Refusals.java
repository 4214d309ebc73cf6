package org.understudy.vault.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/** Asserts that something is refused in the words of the catalogue, with something to do about it. */
final class Refusals {
    private Refusals() {}

    static void assertRefused(FailureCode code, ThrowingCallable attempt) {
        assertRefused(code, "", attempt);
    }

    static void assertRefused(FailureCode code, String message, ThrowingCallable attempt) {
        assertThatThrownBy(attempt).isInstanceOfSatisfying(FailureException.class, refused -> {
            assertThat(refused.failure().code()).as(refused.getMessage()).isEqualTo(code);
            assertThat(refused.failure().message()).contains(message);
            assertThat(refused.failure().recommendedAction()).isNotBlank();
        });
    }
}
