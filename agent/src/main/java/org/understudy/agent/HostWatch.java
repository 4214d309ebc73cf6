package org.understudy.agent;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.understudy.command.AgentReport;
import org.understudy.model.HostFact;

/** One turn of the agent's look at its host: tells what it finds when that is not what it found last. */
final class HostWatch {
    /** A disk that fills, a firewall that is closed: things that people change. */
    private static final Duration BETWEEN = Duration.ofMinutes(10);
    /** While something needed is missing, a person is likely mending it. */
    private static final Duration BETWEEN_WHEN_WANTING = Duration.ofSeconds(30);

    private final Supplier<List<HostFact>> look;
    private final Consumer<AgentReport> tell;
    private final Consumer<Duration> pause;
    private List<HostFact> told = List.of();

    /** @param look may take seconds */
    HostWatch(Supplier<List<HostFact>> look, Consumer<AgentReport> tell, Consumer<Duration> pause) {
        this.look = look;
        this.tell = tell;
        this.pause = pause;
    }

    void turn() {
        List<HostFact> found = look.get();
        if (!found.equals(told)) {
            tell.accept(new AgentReport.HostFacts(found));
            told = List.copyOf(found);
        }
        pause.accept(found.stream().anyMatch(HostFact::hinders) ? BETWEEN_WHEN_WANTING : BETWEEN);
    }
}
