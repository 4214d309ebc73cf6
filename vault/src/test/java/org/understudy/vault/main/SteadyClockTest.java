package org.understudy.vault.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** When the vault believes its clock enough to forget by it. */
class SteadyClockTest {
    private static final Instant NOON = Instant.parse("2026-11-28T12:00:00Z");

    /** Looks each hour for so many hours. */
    private static SteadyClock hours(Optional<SteadyClock> before, Instant from, int hours) {
        SteadyClock clock = SteadyClock.looked(before, from);
        for (int hour = 1; hour <= hours; hour++) {
            clock = SteadyClock.looked(Optional.of(clock), from.plus(Duration.ofHours(hour)));
        }
        return clock;
    }

    @Test
    void isTrustedAfterADay() {
        assertThat(hours(Optional.empty(), NOON, 23).isTrusted()).isFalse();
        assertThat(hours(Optional.empty(), NOON, 24).isTrusted()).isTrue();
    }

    @Test
    void isNotTrustedWithinADayOfAJumpForward() {
        SteadyClock before = hours(Optional.empty(), NOON, 100);
        Instant wrong = NOON.plus(Duration.ofDays(1500));
        assertThat(hours(Optional.of(before), wrong, 0).isTrusted()).isFalse();
        assertThat(hours(Optional.of(before), wrong, 23).isTrusted()).isFalse();
    }

    @Test
    void isNotTrustedWithinADayOfAJumpBackward() {
        SteadyClock before = hours(Optional.empty(), NOON, 100);
        assertThat(hours(Optional.of(before), NOON.minus(Duration.ofDays(30)), 20).isTrusted()).isFalse();
    }

    @Test
    void isTrustedAfterANightInWhichTheVaultWasOff() {
        SteadyClock before = hours(Optional.empty(), NOON, 100);
        assertThat(hours(Optional.of(before), before.lastLook().plus(Duration.ofHours(12)), 0).isTrusted()).isTrue();
    }
}
