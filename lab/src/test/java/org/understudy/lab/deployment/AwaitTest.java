package org.understudy.lab.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/** Tests of waiting with a deadline. */
class AwaitTest {
    private static final Await PATIENT = new Await(Duration.ofMinutes(1), Duration.ofMillis(1));
    private static final Await HASTY = new Await(Duration.ZERO, Duration.ofMillis(1));

    private final AtomicInteger looks = new AtomicInteger();

    @Test
    void looksAgainUntilItHasSeenEnough() throws IOException {
        assertThat(PATIENT.until("three", looks::incrementAndGet, seen -> seen == 3)).isEqualTo(3);
        assertThat(looks).hasValue(3);
    }

    @Test
    void waitsForWhatIsNotThereYet() throws IOException {
        assertThat(PATIENT.untilPresent("anything",
                () -> looks.incrementAndGet() < 4 ? Optional.empty() : Optional.of("here"))).isEqualTo("here");
        assertThat(looks).hasValue(4);
    }

    @Test
    void looksOnceEvenWithoutTime() throws IOException {
        assertThat(HASTY.until("one", looks::incrementAndGet, seen -> seen == 1)).isEqualTo(1);
    }

    @Test
    void tellsWhatItSawLastWhenTheTimeIsOver() {
        assertThatThrownBy(() -> HASTY.until("a hundred", looks::incrementAndGet, seen -> seen == 100))
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("waited 0 s in vain for a hundred; seen last: 1");
    }

    @Test
    void givesUpAtItsDeadlineAndNotAPauseLater() {
        Await longPauses = new Await(Duration.ofMillis(20), Duration.ofHours(1));
        assertThatThrownBy(() -> longPauses.untilTrue("nothing", () -> false))
                .hasMessageContaining("in vain for nothing");
    }

    @Test
    void takesAFailureThatMayPassForNotYet() throws IOException {
        assertThat(PATIENT.untilPresent("an answer", () -> {
            if (looks.incrementAndGet() < 3) {
                throw FailureException.of(FailureCode.VAULT_UNREACHABLE, "no answer");
            }
            return Optional.of("answer");
        })).isEqualTo("answer");
    }

    @Test
    void tellsTheFailureThatDidNotPass() {
        assertThatThrownBy(() -> HASTY.untilPresent("an answer", () -> {
            throw FailureException.of(FailureCode.VAULT_UNREACHABLE, "the vault is away");
        })).isInstanceOf(IOException.class).hasMessageContaining("seen last: the vault is away")
                .hasCauseInstanceOf(FailureException.class);
    }

    @Test
    void endsAtOnceOnAFailureThatStays() {
        assertThatThrownBy(() -> PATIENT.untilPresent("an answer", () -> {
            looks.incrementAndGet();
            throw FailureException.of(FailureCode.NOT_FOUND, "there is no such item");
        })).isInstanceOf(FailureException.class);
        assertThat(looks).hasValue(1);
    }

    @Test
    void endsWhenInterruptedAndSaysSo() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> PATIENT.untilTrue("never", () -> false)).isInstanceOf(InterruptedIOException.class);
        assertThat(Thread.interrupted()).isTrue();
    }
}
