package org.understudy.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A program of the host is asked with a bound, and heard to its end. */
@Timeout(60)
class HostProgramTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Test
    void tellsWhatAProgramSaidAndHowItEnded() throws IOException {
        assertThat(HostProgram.run(PATIENCE, "question", List.of("sh", "-c", "cat; echo no >&2; exit 3")))
                .isEqualTo(new HostProgram.Answer(3, "question", "no\n"));
        assertThat(HostProgram.run(PATIENCE, List.of("true")).succeeded()).isTrue();
    }

    @Test
    void takesMoreWordsThanAPipeHolds() throws IOException {
        HostProgram.Answer answer = HostProgram.run(PATIENCE,
                List.of("sh", "-c", "head -c 300000 /dev/zero | tr '\\0' 'x'; head -c 300000 /dev/zero >&2"));
        assertThat(answer.output()).hasSize(300_000);
        assertThat(answer.complaint()).hasSize(300_000);
    }

    @Test
    void asksAProgramThatTakesNoInput() throws IOException {
        assertThat(HostProgram.run(PATIENCE, "unheard", List.of("echo", "said")).words()).isEqualTo("said");
    }

    @Test
    void endsAProgramAndWhatHoldsItsWordsWithItsTime() {
        assertThatThrownBy(() -> HostProgram.run(Duration.ofMillis(50), List.of("sleep", "60")))
                .isInstanceOf(IOException.class).hasMessageStartingWith("sleep did not end within");
        // It exits when somebody listens for its words: Java drops the pipe of one that ended before.
        assertThatThrownBy(() -> HostProgram.run(
                Duration.ofSeconds(1), List.of("sh", "-c", "sleep 5 & sleep 0.5; exit 0")))
                .isInstanceOf(IOException.class).hasMessageStartingWith("sh did not end within");
    }

    @Test
    void namesAProgramThatIsNotThere() {
        assertThat(HostProgram.isThere("no-such-program-of-understudy")).isFalse();
        assertThat(HostProgram.isThere("sh")).isTrue();
        assertThatThrownBy(() -> HostProgram.run(PATIENCE, List.of("no-such-program-of-understudy")))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("no-such-program-of-understudy could not be run");
    }
}
