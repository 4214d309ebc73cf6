package org.understudy.agent;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.understudy.agent.source.FinishingReplication;
import org.understudy.agent.source.SourceReplications;
import org.understudy.agent.target.OldSource;
import org.understudy.agent.target.ReplicaMachines;
import org.understudy.agent.target.Replicas;
import org.understudy.agent.vault.CommandExecutor;
import org.understudy.agent.vault.CommandProgress;
import org.understudy.command.AgentCommand;
import org.understudy.command.CommandOutcome;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VirtualMachine.PowerState;

/** Hands each command of the vault to the part of the agent that owns what it is about. */
final class Commands implements CommandExecutor {
    private static final Duration LOOK_AGAIN = Duration.ofMillis(250);
    /** A cycle takes seconds; one that reads for longer is not waited for. */
    private static final Duration OPEN_CYCLE = Duration.ofSeconds(10);

    private final SourceReplications sources;
    private final OldSource oldSource;
    private final Replicas replicas;
    private final ReplicaMachines machines;
    private final Hypervisor hypervisor;
    private final Clock clock;
    private final Pause pause;
    private final FinishingReplication finishing;

    /** What a command waits by. */
    record Waiting(Clock clock, Pause pause) {}

    Commands(
            SourceReplications sources, OldSource oldSource, Replicas replicas, ReplicaMachines machines,
            Hypervisor hypervisor, Waiting waiting) {
        this.oldSource = oldSource;
        this.sources = sources;
        this.replicas = replicas;
        this.machines = machines;
        this.hypervisor = hypervisor;
        this.clock = waiting.clock();
        this.pause = waiting.pause();
        this.finishing = new FinishingReplication(sources, hypervisor, clock, pause);
    }

    @Override
    public CommandOutcome execute(AgentCommand command) throws IOException {
        return switch (command) {
            // Every picture that goes to the vault holds the inventory; asking only makes the next one come at once.
            case AgentCommand.RefreshInventory _ -> new CommandOutcome.Done();
            case AgentCommand.PrepareReplica prepare -> oldSource.prepare(prepare);
            case AgentCommand.StartReplication start -> {
                sources.start(start);
                yield new CommandOutcome.Done();
            }
            case AgentCommand.ResumeReplication resume -> {
                sources.resume(resume.relationship());
                yield new CommandOutcome.Done();
            }
            case AgentCommand.FinishReplication finish -> finishing.finish(finish);
            case AgentCommand.PauseReplication pause -> new CommandOutcome.Done(sources.pause(pause));
            case AgentCommand.StopReplication stop -> new CommandOutcome.Done(sources.remove(stop.relationship()));
            case AgentCommand.RemoveReplica remove -> {
                machines.handOverAtRest(remove.relationship());
                replicas.remove(remove);
                yield new CommandOutcome.Done();
            }
            case AgentCommand.StartTestFailover start -> machines.startTest(start);
            case AgentCommand.CleanUpTestFailover cleanUp -> machines.cleanUpTest(cleanUp.relationship());
            case AgentCommand.ShutDownMachine shutDown -> shutDown(shutDown);
            case AgentCommand.StartMachine start -> {
                hypervisor.start(start.vm());
                yield new CommandOutcome.Done();
            }
            case AgentCommand.FenceReplica fence -> machines.fence(fence.relationship());
            case AgentCommand.ReleaseReplica release -> machines.release(release.relationship());
            case AgentCommand.FailOver failOver -> machines.failOver(failOver);
            case AgentCommand.DiscardFailover discard -> machines.discard(discard.relationship());
            case AgentCommand.CommitFailover commit -> machines.commit(commit.relationship());
            case AgentCommand.LetPointGo letGo -> replicas.letGo(letGo);
            case AgentCommand.DescribeMachine asked ->
                    new CommandOutcome.MachineDescribed(hypervisor.definition(asked.vm()).xml());
            case AgentCommand.CheckMachine asked -> machines.check(asked);
            case AgentCommand.ListPoints asked -> replicas.points(asked);
            case AgentCommand.ListHoldings _ -> replicas.holdings();
            case AgentCommand.Unknown(String kind) -> throw FailureException.of(FailureCode.PROTOCOL_VIOLATED,
                    "The agent on this host does not understand the command \"" + kind + "\" of its vault.",
                    "Update the agent on this host to the release of the vault.");
        };
    }

    private CommandOutcome shutDown(AgentCommand.ShutDownMachine asked) throws IOException {
        Optional<VirtualMachine> machine = hypervisor.machine(asked.vm());
        String name = machine.map(VirtualMachine::name).orElseGet(asked.vm()::toString);
        if (machine.filter(found -> found.power() == PowerState.PAUSED).isPresent()) {
            return stopPaused(asked, name);
        }
        asked.relationship().ifPresent(sources::holdCycles);
        try {
            awaitCycle(asked);
            return shutDown(asked, name);
        } finally {
            asked.relationship().ifPresent(sources::endHold);
        }
    }

    /** QEMU is not to end while a point in time is open, if that can be helped. */
    private void awaitCycle(AgentCommand.ShutDownMachine asked) {
        Instant until = clock.instant().plus(OPEN_CYCLE);
        while (asked.relationship().filter(sources::isCapturing).isPresent() && !pause.isOver()
                && clock.instant().isBefore(until)) {
            pause.await(LOOK_AGAIN);
        }
    }

    private CommandOutcome shutDown(AgentCommand.ShutDownMachine asked, String name) throws IOException {
        Instant until = clock.instant().plus(asked.timeout());
        CommandProgress.says(() -> "waits for VM " + name + " to shut down, for %d s more at most".formatted(
                Math.max(0, Duration.between(clock.instant(), until).toSeconds())));
        hypervisor.requestShutdown(asked.vm());
        while (!isOff(asked)) {
            if (pause.isOver() || !clock.instant().isBefore(until)) {
                throw FailureException.of(FailureCode.SOURCE_STILL_RUNNING,
                        "VM " + name + " did not shut down within " + asked.timeout().toSeconds() + " s.");
            }
            pause.await(LOOK_AGAIN);
        }
        return new CommandOutcome.Done();
    }

    /** A guest that is paused hears nothing; left so, it would come back to life as a second copy. */
    private CommandOutcome stopPaused(AgentCommand.ShutDownMachine asked, String name) throws IOException {
        if (!asked.force()) {
            throw FailureException.of(FailureCode.SOURCE_STILL_RUNNING,
                    "VM " + name + " is paused on this host, so its guest cannot shut down.",
                    "Resume it (virsh resume " + name + ") and start the failover again, or fail over with force and a "
                            + "reason, which stops it as it is.");
        }
        hypervisor.destroy(asked.vm());
        return new CommandOutcome.Done();
    }

    private boolean isOff(AgentCommand.ShutDownMachine asked) throws IOException {
        return hypervisor.machine(asked.vm()).map(VirtualMachine::power).orElse(PowerState.SHUT_OFF)
                == PowerState.SHUT_OFF;
    }
}
