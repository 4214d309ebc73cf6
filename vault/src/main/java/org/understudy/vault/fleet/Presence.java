package org.understudy.vault.fleet;

import java.time.Duration;

/**
 * What the vault knows of an agent's life. Nothing that cannot be undone follows from {@link NotKnown}: then it is the
 * vault that was away.
 */
public sealed interface Presence {
    /** An agent reports every few seconds; one that was not heard of for so long, by a vault that listened, is gone. */
    Duration SILENCE_MAX = Duration.ofSeconds(15);

    /** It was heard of within {@link #SILENCE_MAX}. */
    record Connected() implements Presence {}

    /**
     * It was not heard of although the vault listened.
     *
     * @param time for how long, {@link #SILENCE_MAX} at least
     */
    record Silent(Duration time) implements Presence {}

    /**
     * The vault has not listened for long enough to know.
     *
     * @param listened for how long it has, less than {@link #SILENCE_MAX}
     */
    record NotKnown(Duration listened) implements Presence {}
}
