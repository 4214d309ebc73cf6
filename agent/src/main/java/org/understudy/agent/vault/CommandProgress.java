package org.understudy.agent.vault;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.understudy.model.FailureTeller;

/**
 * What one command does just now, in words for people, and since when the hypervisor owes it an answer. Whoever works
 * for a command says so here without knowing which it is; on a thread of no command that says nothing to nobody.
 * Written by the command's thread, read by any.
 */
public final class CommandProgress {
    private static final ScopedValue<CommandProgress> CURRENT = ScopedValue.newInstance();

    private final LongSupplier nanos;
    private volatile Supplier<String> words = () -> "";
    private volatile Optional<Long> askedAt = Optional.empty();
    private volatile Optional<CommandProgress> before = Optional.empty();

    /** @param nanos a clock that only goes forward */
    CommandProgress(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** Does the work of a command. */
    <T> T within(Supplier<T> work) {
        return ScopedValue.where(CURRENT, this).call(work::get);
    }

    /** The command of this thread does this from now on: the rest of a sentence that begins with its host. */
    public static void says(String now) {
        says(() -> now);
    }

    /** @param now asked by another thread, whenever somebody wants to know; what moves shows in it */
    public static void says(Supplier<String> now) {
        if (CURRENT.isBound()) {
            CURRENT.get().words = now;
        }
    }

    /** What is asked of the hypervisor, which may never answer. */
    @FunctionalInterface
    public interface Question<T> {
        T ask() throws Throwable;
    }

    /** Asks the hypervisor something, for the command of this thread if there is one. */
    public static <T> T asking(String what, Question<T> question) throws Throwable {
        if (!CURRENT.isBound()) {
            return question.ask();
        }
        CommandProgress command = CURRENT.get();
        Supplier<String> said = command.words;
        command.askedAt = Optional.of(command.nanos.getAsLong());
        command.words = () -> "asks the hypervisor " + what;
        try {
            return question.ask();
        } finally {
            command.askedAt = Optional.empty();
            command.words = said;
        }
    }

    /** It cannot begin before another has ended; empty when it can. */
    void waitsFor(Optional<CommandProgress> other) {
        before = other;
    }

    /** In words; empty when it has none. */
    Optional<String> words() {
        if (before.isPresent()) {
            return Optional.of("waits until another command of the same item has ended, which "
                    + before.get().words().orElse("has begun"));
        }
        try {
            return Optional.of(words.get()).filter(text -> !text.isEmpty());
        } catch (RuntimeException e) {
            return Optional.of("does not know how far it is: " + FailureTeller.reason(e));
        }
    }

    /** For how long the hypervisor has not answered it, or the command before it. */
    Optional<Duration> unanswered() {
        return before.map(CommandProgress::unanswered)
                .orElseGet(() -> askedAt.map(at -> Duration.ofNanos(nanos.getAsLong() - at)));
    }
}
