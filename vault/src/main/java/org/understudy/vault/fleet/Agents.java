package org.understudy.vault.fleet;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.understudy.command.AgentCommand;
import org.understudy.command.CommandId;
import org.understudy.command.CommandOutcome;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.HostFact;
import org.understudy.model.HostId;
import org.understudy.vault.name.Missing;
import org.understudy.workflow.CommandRef;
import org.understudy.workflow.StepContext;
import org.understudy.workflow.StepOutcome;

/** The agents of all hosts, and the one way in which a step asks one of them to do something. */
public final class Agents {
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);
    /** Where a command has no time of its own: the agent may be restarted meanwhile, or have a lot to apply. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final HostStore hosts;
    private final CommandQueue commands;
    private final Clock clock;

    public Agents(HostStore hosts, CommandQueue commands, Clock clock) {
        this.hosts = hosts;
        this.commands = commands;
        this.clock = clock;
    }

    /** One command of a step. */
    public record Call(CommandRef id, Agent agent, AgentCommand command, Duration patience) {
        /** With the patience that most commands need. */
        public Call(CommandRef id, Agent agent, AgentCommand command) {
            this(id, agent, command, PATIENCE);
        }
    }

    public List<Agent> all() {
        return hosts.list().stream().map(this::agent).toList();
    }

    /** The agent of the host that a request means, or NOT_FOUND. */
    public Agent named(String nameOrId) {
        return agent(hosts.named(nameOrId));
    }

    public Agent get(HostId host) {
        return agent(hosts.find(host).orElseThrow(() -> Missing.none("host", host.toString())));
    }

    /** How a host came back that was set up anew and that nobody has confirmed yet. */
    public Optional<HostAnew> anew(Agent agent) {
        return hosts.anew(agent.id());
    }

    /** A person knows that it is the same machine; false if that is no question. */
    public boolean confirm(Agent agent) {
        return hosts.confirm(agent.id());
    }

    /** What its agent found when it looked at its host last. */
    public List<HostFact> facts(HostId host) {
        return hosts.facts(host);
    }

    /** Forgets a host; it may register anew. */
    public void delete(Agent agent) {
        hosts.delete(agent.id());
    }

    /**
     * Asks an agent once for each attempt of the step, and waits for its answer without holding a thread.
     *
     * @param call how long the step may take in all before it fails with AGENT_UNREACHABLE; a restart asks anew
     * @param then what the answer means; not called for a failure, which is tried again if its kind says so
     */
    public StepOutcome ask(StepContext step, Call call, Function<CommandOutcome, StepOutcome> then) {
        Optional<CommandOutcome> outcome = outcome(call);
        if (outcome.isEmpty() && step.hasTaken(call.patience())) {
            return new StepOutcome.Failed(new Failure(FailureCode.AGENT_UNREACHABLE,
                    "the agent on host " + call.agent().name() + " has not answered for " + call.patience(),
                    "Check that the host runs and its agent reaches the vault, then restart the job.",
                    clock.instant()));
        }
        if (outcome.isEmpty()) {
            return new StepOutcome.AwaitCommand(call.id(), clock.instant().plus(LOOK_AGAIN));
        }
        return switch (outcome.get()) {
            case CommandOutcome.Failed(Failure failure) -> throw failure.asException();
            case CommandOutcome.Done done -> then.apply(done);
            case CommandOutcome.MachineStarted started -> then.apply(started);
            case CommandOutcome.Points points -> then.apply(points);
        };
    }

    /** Issues the command if it was not yet, and looks whether it ended. */
    public Optional<CommandOutcome> outcome(Call call) {
        CommandId id = new CommandId(call.id().value());
        commands.issue(call.agent().id(), id, call.command());
        return commands.outcome(id);
    }

    private Agent agent(Host host) {
        return new Agent(host.id(), host.name(), host.isConnected(clock.instant()), host.lastSeenAt(),
                host.replicationAddress(), host.replicationPort(), host.agentVersion());
    }
}
