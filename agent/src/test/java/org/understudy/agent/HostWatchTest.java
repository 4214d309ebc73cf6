package org.understudy.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.understudy.command.AgentReport;
import org.understudy.model.HostFact;

/** What an agent finds at its host reaches the vault when it changes, and soon when a person is mending it. */
class HostWatchTest {
    private static final HostFact WELL = HostFact.yes("QEMU", "QEMU is here.");
    private static final HostFact WANTING = HostFact.missing("QEMU", "QEMU is not here.", "Install it.");

    private final List<AgentReport> told = new ArrayList<>();
    private final List<Duration> pauses = new ArrayList<>();

    @Test
    void tellsWhatChangedAndNothingTwice() {
        Deque<List<HostFact>> looks = new ArrayDeque<>(List.of(
                List.of(WANTING), List.of(WANTING), List.of(WELL), List.of(WELL)));
        HostWatch watch = new HostWatch(looks::pop, told::add, pauses::add);

        for (int turn = 0; turn < 4; turn++) {
            watch.turn();
        }

        assertThat(told).containsExactly(
                new AgentReport.HostFacts(List.of(WANTING)), new AgentReport.HostFacts(List.of(WELL)));
        assertThat(pauses.get(0)).isEqualTo(pauses.get(1)).isLessThan(pauses.get(2));
    }
}
