package org.understudy.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.understudy.model.FailureCode;

/** How long replication waits before it tries again. */
class BackoffTest {
    @Test
    void doublesFromASecondToAMinute() {
        assertThat(IntStream.rangeClosed(1, 9)
                .mapToObj(attempt -> Backoff.OF_REPLICATION.pause(attempt, 0).toSeconds()))
                .containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L, 60L);
        assertThat(Backoff.OF_REPLICATION.pause(Integer.MAX_VALUE, 0)).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void looksEveryFewSecondsForSpace() {
        for (FailureCode full : List.of(FailureCode.TARGET_STORAGE_FULL, FailureCode.SOURCE_STORAGE_FULL)) {
            assertThat(Backoff.OF_REPLICATION.after(full).pause(20, 0)).isEqualTo(Duration.ofSeconds(5));
        }
        assertThat(Backoff.OF_REPLICATION.after(FailureCode.LINK_LOST).pause(20, 0)).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void chanceTakesAQuarterAwayAtMost() {
        assertThat(Backoff.OF_REPLICATION.pause(3, 1)).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void refusesNonsense() {
        assertThatThrownBy(() -> new Backoff(Duration.ZERO, Duration.ofSeconds(1), 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Backoff.OF_REPLICATION.pause(0, 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
