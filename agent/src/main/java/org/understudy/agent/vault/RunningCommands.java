package org.understudy.agent.vault;

import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.understudy.command.AgentReport.RunningCommand;
import org.understudy.command.CommandId;

/** The commands that this agent carries out just now: the signs of life that the vault hears. Safe for many threads. */
public final class RunningCommands {
    private final Clock clock;
    private final Map<CommandId, RunningCommand> running = new ConcurrentHashMap<>();

    public RunningCommands(Clock clock) {
        this.clock = clock;
    }

    /** Whether it is begun now, and did not run before. */
    boolean begin(CommandId id) {
        return running.putIfAbsent(id, new RunningCommand(id, clock.instant(), Optional.empty())) == null;
    }

    void end(CommandId id) {
        running.remove(id);
    }

    /** Oldest first. */
    public List<RunningCommand> list() {
        return running.values().stream().sorted(Comparator.comparing(RunningCommand::since)).toList();
    }
}
