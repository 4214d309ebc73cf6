package org.understudy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.understudy.api.VaultClient;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/** What is demanded of every refusal: its code, its words, what to do about it, and that nothing was changed by it. */
record Refusal(VaultClient vault) {
    /** Demands that the vault's interface refuses with one of these codes, in a message with all of these words. */
    void isDemanded(List<FailureCode> codes, List<String> words, ThrowingCallable request) {
        VaultPicture before = VaultPicture.of(vault);
        Throwable thrown = catchThrowable(request);
        assertThat(thrown).as("refusal with %s", codes).isInstanceOf(FailureException.class);
        Failure failure = ((FailureException) thrown).failure();
        System.out.printf("refused: %s | %s | %s%n", failure.code(), failure.message(), failure.recommendedAction());
        assertThat(failure.code()).isIn(codes);
        assertThat(failure.message()).contains(words);
        assertThat(failure.recommendedAction()).isNotBlank();
        assertThat(VaultPicture.of(vault)).isEqualTo(before);
    }

    void isDemanded(FailureCode code, List<String> words, ThrowingCallable request) {
        isDemanded(List.of(code), words, request);
    }

    /** A command of the product. */
    interface Command {
        ProductCommand run() throws IOException;
    }

    /** Demands that a command ends with status 1, the code, all of these words, and what to do. */
    void isDemandedOfCommand(FailureCode code, List<String> words, Command command) throws IOException {
        VaultPicture before = VaultPicture.of(vault);
        ProductCommand ended = command.run();
        System.out.println("refused: " + ended.said().strip().replace("\n", " | "));
        assertThat(ended.status()).as(ended.said()).isEqualTo(1);
        assertThat(ended.said()).contains(code.name()).contains(words).doesNotContain("\tat ");
        assertThat(ended.said().strip().lines().count()).as("lines: code, fact, what to do").isGreaterThanOrEqualTo(3);
        assertThat(VaultPicture.of(vault)).isEqualTo(before);
    }
}
