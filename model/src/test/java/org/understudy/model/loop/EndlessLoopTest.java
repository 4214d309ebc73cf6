package org.understudy.model.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;

/** What ends an endless loop, and what does not; each turn does what the script says, whose end is the loop's. */
@Timeout(30)
class EndlessLoopTest {
    private final Deque<EndlessLoop.Turn> script = new ArrayDeque<>();
    private final List<Duration> rests = new ArrayList<>();
    private final EndlessLoop loop =
            new EndlessLoop("reports", () -> script.remove().take(), script::isEmpty, rests::add);

    private void turns(EndlessLoop.Turn... turns) {
        script.addAll(List.of(turns));
        loop.run();
    }

    @Test
    void goesOnAfterWhateverATurnThrows() {
        List<String> taken = new ArrayList<>();
        turns(() -> {
            throw new OutOfMemoryError("Cannot reserve 2097152 bytes of direct buffer memory");
        }, () -> {
            throw new IllegalArgumentException("odd");
        }, () -> {
            throw new IOException("gone");
        }, () -> taken.add("the last"));
        assertThat(taken).containsExactly("the last");
        assertThat(rests).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(4));
    }

    @Test
    void tellsTroubleUntilATurnGoesWell() {
        List<Optional<Failure>> seen = new ArrayList<>();
        turns(() -> {
            throw new StackOverflowError("deep");
        }, () -> seen.add(loop.trouble()), () -> seen.add(loop.trouble()));
        assertThat(seen.getFirst()).hasValueSatisfying(told -> {
            assertThat(told.code()).isEqualTo(FailureCode.INTERNAL_ERROR);
            assertThat(told.message()).contains("\"reports\"", "deep");
        });
        assertThat(seen.getLast()).isEmpty();
    }

    @Test
    void restsAMinuteAtMostHoweverOftenItBreaks() {
        EndlessLoop.Turn breaks = () -> {
            throw new IllegalStateException("always");
        };
        turns(breaks, breaks, breaks, breaks, breaks, breaks, breaks, breaks, breaks);
        assertThat(rests).endsWith(Duration.ofSeconds(32), Duration.ofMinutes(1), Duration.ofMinutes(1),
                Duration.ofMinutes(1));
    }

    @Test
    void pausesFromTheBeginningOnceATurnWentWell() {
        EndlessLoop.Turn breaks = () -> {
            throw new IllegalStateException("now and then");
        };
        turns(breaks, breaks, () -> {}, breaks);
        assertThat(rests).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(1));
    }

    @Test
    void showsThatItEndedAlthoughNobodyAskedForThat() {
        script.add(() -> {
            throw new InterruptedException("somebody");
        });
        script.add(() -> {});
        loop.run();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(loop.trouble()).hasValueSatisfying(told ->
                assertThat(told.message()).contains("\"reports\" ended although nobody asked"));
    }

    @Test
    void listsTheTroublesOfAllLoopsOfAProcess() throws InterruptedException {
        Deque<EndlessLoop.Turn> turns = new ArrayDeque<>(List.of(() -> {
            throw new IllegalStateException("broken");
        }));
        Loops loops = new Loops(turns::isEmpty, rests::add);
        loops.start("commands", () -> turns.remove().take()).join();
        assertThat(loops.troubles()).singleElement().satisfies(told ->
                assertThat(told.message()).contains("\"commands\"", "broken"));
    }
}
