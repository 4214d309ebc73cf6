package org.understudy.agent.vault;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.agent.Pause;
import org.understudy.command.AgentCommand;
import org.understudy.command.AgentEndpoint;
import org.understudy.command.AgentReport;
import org.understudy.command.CommandId;
import org.understudy.command.CommandOutcome;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/**
 * The loop that asks the vault for commands and has them carried out, each on a thread of its own, each id once.
 *
 * <p>The success of a command is remembered durably before it is reported. A command that the vault hands out again
 * while it still runs is left to run; one that succeeded is answered from memory; one that failed is run again, since
 * the vault asks again only when somebody restarts the job. Commands of one item run one after the other.
 */
public final class CommandLoop implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(CommandLoop.class);
    private static final Duration WAIT = Duration.ofSeconds(25);
    private static final Duration PAUSE_AFTER_TROUBLE = Duration.ofSeconds(2);
    private static final Duration PAUSE_WHILE_BUSY = Duration.ofMillis(250);

    private final VaultEnd vault;
    private final CommandExecutor executor;
    private final AnswerStore answers;
    private final ReportLoop reports;
    private final Clock clock;
    private final Pause pause;
    private final Set<CommandId> running = ConcurrentHashMap.newKeySet();
    private final Map<Object, Lock> turns = new ConcurrentHashMap<>();
    private final Lock answersLock = new ReentrantLock();
    private boolean vaultAway;

    public CommandLoop(
            VaultEnd vault, CommandExecutor executor, AnswerStore answers, ReportLoop reports, Clock clock,
            Pause pause) {
        this.vault = vault;
        this.executor = executor;
        this.answers = answers;
        this.reports = reports;
        this.clock = clock;
        this.pause = pause;
    }

    @Override
    public void run() {
        while (!pause.isOver()) {
            try {
                List<AgentEndpoint.IssuedCommand> handedOut = vault.commands(WAIT);
                vaultIs(false, "");
                long begun = handedOut.stream().filter(this::take).count();
                if (begun == 0 && !handedOut.isEmpty()) {
                    // The vault hands out what runs already without a wait: asked at once it would be asked for ever.
                    pause.await(PAUSE_WHILE_BUSY);
                }
            } catch (FailureException e) {
                vaultIs(true, e.failure().message());
                pause.await(PAUSE_AFTER_TROUBLE);
            }
        }
    }

    /** Whether it is begun now: it neither runs nor has an end that the vault is about to hear. */
    private boolean take(AgentEndpoint.IssuedCommand issued) {
        if (!running.add(issued.id())) {
            return false;
        }
        if (reports.isToTellTheEndOf(issued.id())) {
            running.remove(issued.id());
            return false;
        }
        Thread.ofVirtual().name("command-" + issued.id()).start(() -> {
            try {
                carryOut(issued);
            } finally {
                running.remove(issued.id());
            }
        });
        return true;
    }

    private void carryOut(AgentEndpoint.IssuedCommand issued) {
        Lock turn = turns.computeIfAbsent(subject(issued.command()), key -> new ReentrantLock());
        turn.lock();
        try {
            CommandOutcome outcome = answers(issued);
            reports.add(new AgentReport.CommandEnded(issued.id(), outcome));
        } catch (IOException e) {
            // Not remembered, so not answered: the vault asks again, and the command is run again.
            LOG.error("command could not be remembered id={} reason={}", issued.id(), e.toString());
        } finally {
            turn.unlock();
        }
    }

    private CommandOutcome answers(AgentEndpoint.IssuedCommand issued) throws IOException {
        var known = locked(() -> answers.find(issued.id()));
        if (known.isPresent()) {
            return known.get();
        }
        CommandOutcome outcome = outcomeOf(issued);
        if (!(outcome instanceof CommandOutcome.Failed)) {
            locked(() -> {
                answers.remember(issued.id(), outcome);
                return outcome;
            });
        }
        LOG.info("command ended id={} command={} outcome={}", issued.id(),
                issued.command().getClass().getSimpleName(), outcome);
        return outcome;
    }

    private CommandOutcome outcomeOf(AgentEndpoint.IssuedCommand issued) {
        try {
            return executor.execute(issued.command());
        } catch (FailureException e) {
            return new CommandOutcome.Failed(e.failure());
        } catch (IOException e) {
            return new CommandOutcome.Failed(new Failure(
                    FailureCode.HYPERVISOR_UNREACHABLE, e.toString(),
                    FailureCode.HYPERVISOR_UNREACHABLE.recommendedAction(), clock.instant()));
        } catch (RuntimeException e) {
            LOG.error("command met a defect id={}", issued.id(), e);
            return new CommandOutcome.Failed(new Failure(
                    FailureCode.INTERNAL_ERROR, e.toString(), FailureCode.INTERNAL_ERROR.recommendedAction(),
                    clock.instant()));
        }
    }

    private <T> T locked(FileCall<T> call) throws IOException {
        answersLock.lock();
        try {
            return call.run();
        } finally {
            answersLock.unlock();
        }
    }

    /** What commands must take turns on: their item, or their VM, or the host. */
    private static Object subject(AgentCommand command) {
        return switch (command) {
            case AgentCommand.RefreshInventory _ -> "host";
            case AgentCommand.PrepareReplica it -> it.item();
            case AgentCommand.StartReplication it -> it.item();
            case AgentCommand.ResumeReplication it -> it.item();
            case AgentCommand.StopReplication it -> it.item();
            case AgentCommand.RemoveReplica it -> it.item();
            case AgentCommand.StartTestFailover it -> it.item();
            case AgentCommand.CleanUpTestFailover it -> it.item();
            case AgentCommand.ShutDownMachine it -> it.vm();
            case AgentCommand.FenceReplica it -> it.item();
            case AgentCommand.ReleaseReplica it -> it.item();
            case AgentCommand.FailOver it -> it.item();
            case AgentCommand.CommitFailover it -> it.item();
            case AgentCommand.Question it -> it;
            case AgentCommand.Unknown it -> it;
        };
    }

    private void vaultIs(boolean away, String why) {
        if (away != vaultAway) {
            vaultAway = away;
            if (away) {
                LOG.warn("vault went out of reach, replication goes on reason={}", why);
            } else {
                LOG.info("vault is in reach again");
            }
        }
    }

    @FunctionalInterface
    private interface FileCall<T> {
        T run() throws IOException;
    }
}
