package org.understudy.agent.main;

import java.io.Console;
import java.util.Optional;
import org.understudy.command.HeldRole.Deed;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.PlainText;

/** Who sits at this host's terminal, and what they say to a question. */
final class Person {
    private static final int REASON_MAX = 500;

    private Person() {}

    /** What they do and why; by the account from which they became root. */
    static Deed deed(String reason) {
        if (reason.isBlank()) {
            throw FailureException.of(FailureCode.REQUEST_INVALID, "A reason is needed, and --reason is empty.",
                    "Say why; it is kept at this host and in the vault's audit.");
        }
        String by = Optional.ofNullable(System.getenv("SUDO_USER")).filter(user -> !user.isBlank())
                .orElseGet(() -> System.getProperty("user.name", "somebody"));
        return new Deed(PlainText.of(by, REASON_MAX), PlainText.of(reason.strip(), REASON_MAX), Optional.empty());
    }

    /** Goes on only when they type that word; {@code given} is what they typed beforehand, as an option. */
    static void mustType(String word, Optional<String> given, String option) {
        Console console = System.console();
        String typed = given.orElseGet(() -> console == null || !console.isTerminal() ? ""
                : Optional.ofNullable(console.readLine("Type %s to go on: ", word)).orElse(""));
        if (!typed.strip().equals(word)) {
            throw FailureException.of(FailureCode.REQUEST_INVALID, "Nothing was done: \"" + word + "\" was not typed.",
                    "Type it when asked, or give it beforehand: " + option);
        }
    }
}
