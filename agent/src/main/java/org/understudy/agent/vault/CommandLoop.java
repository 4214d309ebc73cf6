package org.understudy.agent.vault;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.agent.Pause;
import org.understudy.command.AgentCommand;
import org.understudy.command.AgentEndpoint;
import org.understudy.command.AgentReport;
import org.understudy.command.CommandOutcome;
import org.understudy.hypervisor.HypervisorAwayException;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.FailureTeller;
import org.understudy.model.loop.EndlessLoop;

/**
 * The loop that asks the vault for commands and has them carried out, each on a thread of its own, each id once.
 *
 * <p>The success of a command is remembered, durably where the disk lets it, before it is reported. A command that the
 * vault hands out again while it still runs is left to run; one that succeeded is answered from memory; one that failed
 * is run again, since the vault asks again only when somebody restarts the job. Commands of one item run one after the
 * other; questions wait for none and are not remembered.
 */
public final class CommandLoop implements EndlessLoop.Turn {
    private static final Logger LOG = LoggerFactory.getLogger(CommandLoop.class);
    private static final Duration WAIT = Duration.ofSeconds(25);
    private static final Duration PAUSE_AFTER_TROUBLE = Duration.ofSeconds(2);
    private static final Duration PAUSE_WHILE_BUSY = Duration.ofMillis(250);

    private final VaultEnd vault;
    private final CommandExecutor executor;
    private final Answers answers;
    private final ReportLoop reports;
    private final RunningCommands running;
    private final Pause pause;
    private final Map<Object, Turn> turns = new ConcurrentHashMap<>();
    private volatile boolean vaultAway;
    private volatile boolean vaultHeard;

    /** What commands of one subject take one after the other. */
    private static final class Turn {
        private final Lock lock = new ReentrantLock(true);
        private volatile Optional<CommandProgress> taken = Optional.empty();

        void take(CommandProgress command) {
            if (!lock.tryLock()) {
                command.waitsFor(taken);
                lock.lock();
                command.waitsFor(Optional.empty());
            }
            taken = Optional.of(command);
        }

        void leave() {
            taken = Optional.empty();
            lock.unlock();
        }
    }

    public CommandLoop(
            VaultEnd vault, CommandExecutor executor, Answers answers, ReportLoop reports, RunningCommands running,
            Pause pause) {
        this.vault = vault;
        this.executor = executor;
        this.answers = answers;
        this.reports = reports;
        this.running = running;
        this.pause = pause;
    }

    @Override
    public void take() throws InterruptedException {
        long endsTold = reports.endsTold();
        try {
            List<AgentEndpoint.IssuedCommand> handedOut = vault.commands(WAIT);
            vaultIs(false, "");
            vaultHeard = true;
            long begun = handedOut.stream().filter(this::begin).count();
            if (begun == 0 && !handedOut.isEmpty()) {
                // The vault hands out what runs already without a wait: asked at once it would be asked for ever. As
                // soon as it has heard of an end there may be a next step, which nobody should wait for.
                reports.awaitEndTold(endsTold, PAUSE_WHILE_BUSY);
            }
        } catch (FailureException e) {
            vaultIs(true, e.failure().message());
            pause.await(PAUSE_AFTER_TROUBLE);
        }
    }

    /** Whether it is begun now: it neither runs nor has an end that the vault is about to hear. */
    private boolean begin(AgentEndpoint.IssuedCommand issued) {
        if (!running.begin(issued.id())) {
            return false;
        }
        if (reports.isToTellTheEndOf(issued.id())) {
            running.end(issued.id());
            return false;
        }
        CommandProgress progress = running.progress(issued.id());
        Thread.ofVirtual().name("command-" + issued.id()).start(() -> {
            try {
                reports.add(new AgentReport.CommandEnded(
                        issued.id(), progress.within(() -> carriedOut(issued, progress))));
            } finally {
                running.end(issued.id());
            }
        });
        return true;
    }

    private CommandOutcome carriedOut(AgentEndpoint.IssuedCommand issued, CommandProgress progress) {
        if (issued.command() instanceof AgentCommand.Question) {
            return outcomeOf(issued);
        }
        Turn turn = turns.computeIfAbsent(subject(issued.command()), key -> new Turn());
        turn.take(progress);
        try {
            return answers.find(issued.id()).orElseGet(() -> {
                CommandOutcome outcome = outcomeOf(issued);
                if (!(outcome instanceof CommandOutcome.Failed)) {
                    answers.remember(issued.id(), outcome);
                }
                LOG.info("command ended id={} command={} outcome={}", issued.id(),
                        issued.command().getClass().getSimpleName(), outcome);
                return outcome;
            });
        } catch (FailureException unreadable) {
            // It was carried out by a later release, or not; nobody here can tell.
            return new CommandOutcome.Failed(unreadable.failure());
        } finally {
            turn.leave();
        }
    }

    /** Carries out what a person at this host asks for, in its turn among the vault's commands of the same item. */
    public CommandOutcome inTurn(AgentCommand command, CommandExecutor how) {
        Turn turn = turns.computeIfAbsent(subject(command), key -> new Turn());
        turn.lock.lock();
        try {
            return how.execute(command);
        } catch (FailureException e) {
            return new CommandOutcome.Failed(e.failure());
        } catch (HypervisorAwayException e) {
            return failed(FailureCode.HYPERVISOR_UNREACHABLE, e);
        } catch (IOException e) {
            return failed(FailureCode.TARGET_IO_FAILED, e);
        } finally {
            turn.leave();
        }
    }

    /** Whether the vault was heard at the last attempt. */
    public boolean vaultAnswers() {
        return vaultHeard && !vaultAway;
    }

    private CommandOutcome outcomeOf(AgentEndpoint.IssuedCommand issued) {
        try {
            return executor.execute(issued.command());
        } catch (FailureException e) {
            return new CommandOutcome.Failed(e.failure());
        } catch (HypervisorAwayException e) {
            return failed(FailureCode.HYPERVISOR_UNREACHABLE, e);
        } catch (IOException e) {
            LOG.warn("command failed id={}", issued.id(), e);
            return failed(isOfTheSource(issued.command())
                    ? FailureCode.SOURCE_IO_FAILED : FailureCode.TARGET_IO_FAILED, e);
        } catch (RuntimeException | Error e) {
            LOG.error("command met a defect id={}", issued.id(), e);
            return new CommandOutcome.Failed(FailureException.of(FailureCode.INTERNAL_ERROR,
                    "The agent met a defect of its own: " + e + ".").failure());
        }
    }

    private static CommandOutcome failed(FailureCode code, IOException e) {
        String reason = e instanceof FileSystemException file && file.getFile() != null
                ? file.getFile() + ": " + FailureTeller.reason(e) : FailureTeller.reason(e);
        return new CommandOutcome.Failed(
                FailureException.of(code, reason.endsWith(".") ? reason : reason + ".").failure());
    }

    private static boolean isOfTheSource(AgentCommand command) {
        return command instanceof AgentCommand.StartReplication || command instanceof AgentCommand.ResumeReplication
                || command instanceof AgentCommand.StopReplication || command instanceof AgentCommand.ShutDownMachine
                || command instanceof AgentCommand.FinishReplication || command instanceof AgentCommand.StartMachine;
    }

    /** What commands must take turns on: their item, or their VM, or the host. */
    private static Object subject(AgentCommand command) {
        return switch (command) {
            case AgentCommand.RefreshInventory _ -> "host";
            // Both directions of an item: what ends one is over before the other begins.
            // With what shuts the same VM down: started after that it would be a second copy.
            case AgentCommand.StartMachine it -> it.vm();
            case AgentCommand.ItemCommand it -> it.relationship().item();
            case AgentCommand.ShutDownMachine it -> it.vm();
            case AgentCommand.Question it -> it;
            case AgentCommand.Unknown it -> it;
        };
    }

    private void vaultIs(boolean away, String why) {
        // An agent that ends cuts its own call short: that is no news of the vault.
        if (away != vaultAway && !pause.isOver()) {
            vaultAway = away;
            if (away) {
                LOG.warn("vault went out of reach, replication goes on reason={}", why);
            } else {
                LOG.info("vault is in reach again");
            }
        }
    }
}
