package org.understudy.vault.fleet;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.understudy.command.AgentCommand;
import org.understudy.command.AgentEndpoint.IssuedCommand;
import org.understudy.command.CommandId;
import org.understudy.command.CommandOutcome;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;

/**
 * The questions that people wait for an agent to answer: in memory alone, since whoever waits is gone when this process
 * is. Safe for many threads.
 */
final class Questions implements AutoCloseable {
    /** Of one host; more people than that do not look at one host's items at once. */
    private static final int WAITING_MAX = 32;

    private final Map<CommandId, Asked> waiting = new ConcurrentHashMap<>();

    /** A question under way to its host. */
    record Asked(
            HostId host, String name, IssuedCommand issued, CompletableFuture<CommandOutcome> answer) {}

    Asked add(HostId host, String name, AgentCommand.Question question) {
        Asked asked = new Asked(host, name,
                new IssuedCommand(new CommandId(UUID.randomUUID() + "/question"), question),
                new CompletableFuture<>());
        if (waiting(host).size() >= WAITING_MAX) {
            throw unanswered(asked, "has %d questions to answer already".formatted(WAITING_MAX));
        }
        waiting.put(asked.issued().id(), asked);
        return asked;
    }

    List<IssuedCommand> waiting(HostId host) {
        return waiting.values().stream().filter(asked -> asked.host().equals(host)).map(Asked::issued).toList();
    }

    /** Whether that was the answer to a question. */
    boolean end(HostId host, CommandId id, CommandOutcome outcome) {
        Asked asked = waiting.get(id);
        if (asked == null || !asked.host().equals(host)) {
            return false;
        }
        asked.answer().complete(outcome);
        return true;
    }

    CommandOutcome await(Asked asked, Duration patience) {
        try {
            CommandOutcome outcome = asked.answer().get(patience.toNanos(), TimeUnit.NANOSECONDS);
            if (outcome instanceof CommandOutcome.Failed(var failure)) {
                throw failure.asException();
            }
            return outcome;
        } catch (TimeoutException e) {
            throw unanswered(asked, "did not answer within " + patience.toSeconds() + " s").causedBy(e);
        } catch (ExecutionException | CancellationException e) {
            throw unanswered(asked, "was not asked, for the vault ends").causedBy(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unanswered(asked, "was not asked, for the vault ends").causedBy(e);
        } finally {
            waiting.remove(asked.issued().id());
        }
    }

    /** Lets everybody go. */
    @Override
    public void close() {
        waiting.values().forEach(asked -> asked.answer().cancel(false));
    }

    private static FailureException unanswered(Asked asked, String what) {
        return FailureException.of(FailureCode.AGENT_UNREACHABLE,
                "The agent on host " + asked.name() + " " + what + ".");
    }
}
