package org.understudy.agent.vault;

import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.understudy.command.AgentReport.RunningCommand;
import org.understudy.command.CommandId;

/** The commands that this agent carries out just now: the signs of life that the vault hears. Safe for many threads. */
public final class RunningCommands {
    private final Clock clock;
    private final Map<CommandId, Running> running = new ConcurrentHashMap<>();

    private record Running(CommandId id, Instant since, CommandProgress progress) {
        RunningCommand told() {
            return new RunningCommand(id, since, progress.words(), progress.unanswered());
        }
    }

    public RunningCommands(Clock clock) {
        this.clock = clock;
    }

    /** Whether it is begun now, and did not run before. */
    boolean begin(CommandId id) {
        return running.putIfAbsent(
                id, new Running(id, clock.instant(), new CommandProgress(System::nanoTime))) == null;
    }

    /** Of one that was begun. */
    CommandProgress progress(CommandId id) {
        return running.get(id).progress();
    }

    void end(CommandId id) {
        running.remove(id);
    }

    /** Oldest first. */
    public List<RunningCommand> list() {
        return running.values().stream().sorted(Comparator.comparing(Running::since)).map(Running::told).toList();
    }
}
