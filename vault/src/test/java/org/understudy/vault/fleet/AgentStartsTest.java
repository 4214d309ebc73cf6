package org.understudy.vault.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;

/** A restart, a copied machine, and requests that come late. */
class AgentStartsTest {
    private final AtomicLong nanos = new AtomicLong();
    private final AgentStarts starts = new AgentStarts(nanos::get);
    private final Host host = new Host(
            HostId.random(), "kvm-sto", "10.0.0.1", 8084, "1", Instant.EPOCH, Optional.empty());
    private final Optional<UUID> first = Optional.of(UUID.randomUUID());
    private final Optional<UUID> second = Optional.of(UUID.randomUUID());

    private void passes(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    private void assertRefused(Optional<UUID> start, String words) {
        assertThatThrownBy(() -> starts.hear(host, start)).isInstanceOfSatisfying(FailureException.class, e -> {
            assertThat(e.failure().code()).isEqualTo(FailureCode.HOST_ANSWERS_TWICE);
            assertThat(e.failure().message()).contains(words);
        });
    }

    @Test
    void hearsARestartOnceTheStartBeforeHasBeenSilent() {
        starts.hear(host, first);
        passes(Duration.ofSeconds(2));
        assertRefused(second, "has been silent for 5 s");
        passes(Duration.ofSeconds(4));
        assertThatCode(() -> starts.hear(host, second)).doesNotThrowAnyException();
        assertThat(starts.trouble(host.id(), host.name())).isEmpty();
    }

    /** Killed and back at once; it tries by itself, and nobody is to look for a copied disk. */
    @Test
    void tellsARestartThatNothingIsToBeDone() {
        starts.hear(host, first);
        passes(Duration.ofSeconds(2));
        assertThatThrownBy(() -> starts.hear(host, second)).isInstanceOfSatisfying(FailureException.class, e ->
                assertThat(e.failure().recommendedAction())
                        .startsWith("Nothing: the agent asks again every two seconds"));
    }

    @Test
    void refusesACopyForAsLongAsTheOriginalLivesAndTellsOfIt() {
        starts.hear(host, first);
        passes(Duration.ofSeconds(1));
        assertRefused(second, "that ran before");
        for (int i = 0; i < 10; i++) {
            passes(Duration.ofSeconds(2));
            starts.hear(host, first);
            assertRefused(second, "Another agent lives with the identity of host kvm-sto");
        }
        assertThat(starts.trouble(host.id(), host.name())).isPresent();
        passes(Duration.ofMinutes(2));
        assertThat(starts.trouble(host.id(), host.name())).as("the copy was stopped").isEmpty();
    }

    @Test
    void saysOfARequestThatItIsLateWhenALaterOneWasTaken() {
        starts.hear(host, first);
        assertThat(starts.<Boolean>inOrder(host.id(), first, 1, late -> late)).isFalse();
        assertThat(starts.<Boolean>inOrder(host.id(), first, 3, late -> late)).isFalse();
        assertThat(starts.<Boolean>inOrder(host.id(), first, 2, late -> late)).isTrue();
        assertThat(starts.<Boolean>inOrder(host.id(), first, 4, late -> late)).isFalse();
    }

    @Test
    void countsAnewAfterARestartAndKnowsWhatTheStartBeforeSaidAsLate() {
        starts.hear(host, first);
        starts.<Boolean>inOrder(host.id(), first, 900, late -> late);
        passes(Duration.ofSeconds(6));
        starts.hear(host, second);
        assertThat(starts.<Boolean>inOrder(host.id(), second, 1, late -> late)).isFalse();
        assertThat(starts.<Boolean>inOrder(host.id(), first, 901, late -> late)).isTrue();
    }

    @Test
    void takesAgainARequestWhoseTakingFailed() {
        starts.hear(host, first);
        assertThatThrownBy(() -> starts.inOrder(host.id(), first, 1, late -> {
            throw new IllegalStateException("the database is away");
        })).isInstanceOf(IllegalStateException.class);
        assertThat(starts.<Boolean>inOrder(host.id(), first, 1, late -> late)).isFalse();
    }

    @Test
    void takesAnAgentThatTellsNoStart() {
        starts.hear(host, Optional.empty());
        assertThat(starts.<Boolean>inOrder(host.id(), Optional.empty(), 0, late -> late)).isFalse();
    }
}
