package org.understudy.vault.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.understudy.model.HostId;

/** Whose silence it is: the host's, or that of a vault that could not listen. */
class HostWatchTest {
    private static final HostId HOST = HostId.random();

    private Duration time = Duration.ofDays(1);
    private final HostWatch watch = new HostWatch(() -> time);
    private boolean databaseIsAway;
    private final Listening listening = new Listening(watch, () -> time, () -> {
        if (databaseIsAway) {
            throw new IllegalStateException("the database does not answer");
        }
    });

    private void passes(int seconds) {
        for (int i = 0; i < seconds; i++) {
            time = time.plusSeconds(1);
            listening.look();
        }
    }

    @Test
    void knowsNothingOfAHostUntilItHasListenedForLongEnough() {
        passes(14);
        assertThat(watch.of(HOST)).isEqualTo(new Presence.NotKnown(Duration.ofSeconds(14)));
        passes(1);
        assertThat(watch.of(HOST)).isEqualTo(new Presence.Silent(Duration.ofSeconds(15)));
    }

    @Test
    void callsAHostSilentWhenItWasNotHeardOfWhileTheVaultListened() {
        passes(100);
        watch.heard(HOST);
        passes(14);
        assertThat(watch.of(HOST)).isEqualTo(new Presence.Connected());
        passes(1);
        assertThat(watch.of(HOST)).isEqualTo(new Presence.Silent(Duration.ofSeconds(15)));
    }

    @Test
    void listensAnewWhenTheProcessStoodStill() {
        watch.heard(HOST);
        passes(5);
        time = time.plusSeconds(60);
        listening.look();
        assertThat(watch.of(HOST)).isEqualTo(new Presence.NotKnown(Duration.ZERO));
        passes(15);
        assertThat(watch.of(HOST)).isEqualTo(new Presence.Silent(Duration.ofSeconds(15)));
    }

    @Test
    void listensAnewWhenTheDatabaseIsBack() {
        watch.heard(HOST);
        databaseIsAway = true;
        passes(60);
        databaseIsAway = false;
        passes(1);
        assertThat(watch.of(HOST)).isInstanceOf(Presence.NotKnown.class);
        watch.heard(HOST);
        assertThat(watch.of(HOST)).isEqualTo(new Presence.Connected());
    }

    @Test
    void callsNobodySilentBeforeItHasLookedForHowLongItCouldNotListen() {
        watch.heard(HOST);
        passes(5);
        time = time.plusSeconds(60);
        assertThat(watch.of(HOST)).isEqualTo(new Presence.NotKnown(Duration.ZERO));
        assertThat(watch.quietSince(Duration.ZERO)).isEqualTo(Duration.ZERO);
    }

    @Test
    void countsNoPatienceForTimeInWhichItDidNotListen() {
        Duration sign = watch.now();
        passes(5);
        time = time.plus(Duration.ofMinutes(20));
        listening.look();
        passes(3);
        assertThat(watch.quietSince(sign)).isEqualTo(Duration.ofSeconds(3));
    }
}
