package org.understudy.vault.fleet;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.understudy.command.AgentCommand;
import org.understudy.command.CommandId;
import org.understudy.command.CommandOutcome;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostFact;
import org.understudy.model.HostId;
import org.understudy.model.LogPosition;
import org.understudy.model.Portability;
import org.understudy.model.RecoveryPoint;
import org.understudy.model.RelationshipId;
import org.understudy.model.VmId;
import org.understudy.vault.name.Missing;
import org.understudy.workflow.CommandRef;
import org.understudy.workflow.StepContext;
import org.understudy.workflow.StepOutcome;

/** The agents of all hosts, and the one way in which a step asks one of them to do something. */
public final class Agents {
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);
    private static final Duration LOOK_SOON = Duration.ofSeconds(1);
    /** Without a sign of life of a command; the agent may be restarted meanwhile. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    /** A person waits; an agent that lives is asked within milliseconds. */
    private static final Duration PATIENCE_WITH_A_QUESTION = Duration.ofSeconds(10);

    /** Its folders are counted meanwhile, file by file; the person's own connection waits for a minute. */
    private static final Duration PATIENCE_WITH_A_LOOK = Duration.ofSeconds(50);

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
     * <p>A command has all the time in which it shows signs of life: when it is issued, when it is handed out, when the
     * agent tells that it carries it out. Without one for the call's patience, while the vault listened, the step fails
     * with AGENT_UNREACHABLE; a restart asks anew.
     *
     * @param then what the answer means; not called for a failure, which is tried again if its kind says so
     */
    public StepOutcome ask(StepContext step, Call call, Function<CommandOutcome, StepOutcome> then) {
        Optional<CommandOutcome> outcome = outcome(call);
        if (outcome.isEmpty() && quiet(call).compareTo(call.patience()) >= 0) {
            return new StepOutcome.Failed(hanging(call).orElseGet(() -> new Failure(FailureCode.AGENT_UNREACHABLE,
                    "The agent on host " + call.agent().name() + " has not answered for " + minutes(call.patience())
                            + ".",
                    "Check that the host runs and its agent reaches the vault, then restart the job.",
                    clock.instant())));
        }
        if (outcome.isEmpty()) {
            return await(step, call);
        }
        return switch (outcome.get()) {
            case CommandOutcome.Failed(Failure failure) -> throw failure.asException();
            case CommandOutcome.Done done -> then.apply(done);
            case CommandOutcome.MachineStarted started -> then.apply(started);
            case CommandOutcome.Points points -> then.apply(points);
            case CommandOutcome.MachineChecked checked -> then.apply(checked);
            case CommandOutcome.MachineDescribed described -> then.apply(described);
            case CommandOutcome.Holdings holdings -> then.apply(holdings);
            case CommandOutcome.Finished finished -> then.apply(finished);
        };
    }

    /** The failure of a command whose agent lives and whose hypervisor does not answer. */
    private Optional<Failure> hanging(Call call) {
        return sign(call).filter(SignsOfLife.Sign::hangs).map(sign -> new Failure(FailureCode.HYPERVISOR_UNREACHABLE,
                "The hypervisor of host " + call.agent().name() + " does not answer: its agent "
                        + sign.progress().orElse("waits for it") + ", for more than "
                        + minutes(SignsOfLife.HYPERVISOR_PATIENCE.plus(call.patience())) + ".",
                "Restart libvirt on that host (systemctl restart libvirtd), by which no VM stops, and the agent if it "
                        + "still waits then; then restart the job.", clock.instant()));
    }

    private Optional<SignsOfLife.Sign> sign(Call call) {
        return commands.signs().of(call.agent().id(), new CommandId(call.id().value()));
    }

    /** Waits, and says for what: with the agent's own words for what it does, if it has any. */
    public StepOutcome await(StepContext step, Call call) {
        Agent agent = call.agent();
        Optional<String> words = sign(call).flatMap(SignsOfLife.Sign::progress);
        if (agent.presence() instanceof Presence.Connected && words.isPresent()) {
            step.says("host " + agent.name() + " " + words.get());
            return new StepOutcome.AwaitSignal(clock.instant().plus(LOOK_AGAIN));
        }
        return await(step, agent);
    }

    /** Waits, and says for what: for the agent's answer, or for a sign of life of it. */
    public StepOutcome await(StepContext step, Agent agent) {
        step.says(switch (agent.presence()) {
            case Presence.Connected _ -> "waits for host " + agent.name();
            case Presence.Silent(Duration time) ->
                    "waits for host " + agent.name() + ", silent for " + time.toSeconds() + " s";
            case Presence.NotKnown(Duration listened) -> "waits to hear of host " + agent.name()
                    + "; the vault has listened for " + listened.toSeconds() + " s";
        });
        return new StepOutcome.AwaitSignal(clock.instant().plus(
                agent.presence() instanceof Presence.NotKnown ? LOOK_SOON : LOOK_AGAIN));
    }

    /** For how long the command has shown no sign of life while the vault listened. */
    public Duration quiet(Call call) {
        return commands.quiet(new CommandId(call.id().value()));
    }

    /** Whether the agent is of a release that knows the command. */
    public boolean understands(Agent agent, AgentCommand command) {
        return !commands.isBeyond(agent.id(), command);
    }

    /** Whether the agent took it: it may run at the host as long as it has not ended. */
    public boolean wasTaken(Call call) {
        return commands.wasTaken(new CommandId(call.id().value()));
    }

    /**
     * Whether a host may be starting a VM, or has done so since it told of the VM last, whatever became of the job that
     * gave the order.
     */
    public boolean mayBeStarting(Agent agent, VmId vm, Instant told) {
        return commands.mayBeStarting(agent.id(), vm, told);
    }

    /** Issues the command if it was not yet, and looks whether it ended; so it has if its agent cannot know it. */
    public Optional<CommandOutcome> outcome(Call call) {
        if (commands.isBeyond(call.agent().id(), call.command())) {
            return Optional.of(new CommandOutcome.Failed(
                    CommandQueue.notUnderstood(call.agent().name()).failure()));
        }
        CommandId id = new CommandId(call.id().value());
        commands.issue(call.agent().id(), id, call.command());
        return commands.outcome(id);
    }

    private static String minutes(Duration time) {
        return time.toSeconds() % 60 == 0 ? time.toMinutes() + " min" : time.toSeconds() + " s";
    }

    /** What troubles a host's agent itself, by its last heartbeat; and that it has a double. */
    public List<Failure> troubles(Agent agent) {
        return Stream.concat(commands.starts().trouble(agent.id(), agent.name()).stream(),
                commands.signs().troubles(agent.id()).stream()).toList();
    }

    /**
     * The recovery points of a relationship as its target has them now, newest first, from {@code from} on.
     *
     * @throws org.understudy.model.FailureException AGENT_UNREACHABLE when the agent does not answer in time
     */
    public List<RecoveryPoint> points(
            Agent target, RelationshipId relationship, Optional<LogPosition> from, int limit) {
        CommandOutcome answer = commands.ask(
                target.id(), target.name(), new AgentCommand.ListPoints(relationship, from, limit),
                PATIENCE_WITH_A_QUESTION);
        if (answer instanceof CommandOutcome.Points(List<RecoveryPoint> points)) {
            return points;
        }
        throw somethingElse(target, "the recovery points");
    }

    /**
     * How a VM is defined at its source now, for a person who waits.
     *
     * @throws org.understudy.model.FailureException AGENT_UNREACHABLE when the agent does not answer in time
     */
    public String definition(Agent source, VmId vm) {
        CommandOutcome answer = commands.ask(
                source.id(), source.name(), new AgentCommand.DescribeMachine(vm), PATIENCE_WITH_A_QUESTION);
        if (answer instanceof CommandOutcome.MachineDescribed(String definition)) {
            return definition;
        }
        throw somethingElse(source, "how the VM is defined");
    }

    /** What a host makes of a VM, for a person who waits; fails as {@link #definition}. */
    public Portability look(Agent target, AgentCommand.CheckMachine question) {
        CommandOutcome answer = commands.ask(target.id(), target.name(), question, PATIENCE_WITH_A_QUESTION);
        if (answer instanceof CommandOutcome.MachineChecked(Portability portability)) {
            return portability;
        }
        throw somethingElse(target, "what it makes of the VM");
    }

    /** The folders of replicas that lie on a host, for a person who waits; fails as {@link #definition}. */
    public CommandOutcome.Holdings holdings(Agent host) {
        CommandOutcome answer =
                commands.ask(host.id(), host.name(), new AgentCommand.ListHoldings(), PATIENCE_WITH_A_LOOK);
        if (answer instanceof CommandOutcome.Holdings holdings) {
            return holdings;
        }
        throw somethingElse(host, "what it holds");
    }

    private static FailureException somethingElse(Agent agent, String wanted) {
        return FailureException.of(FailureCode.PROTOCOL_VIOLATED,
                "The agent on host " + agent.name() + " answered something else than " + wanted + ".",
                "Update the agent on host " + agent.name() + " to the release of the vault.");
    }

    private Agent agent(Host host) {
        return new Agent(host.id(), host.name(), hosts.presence(host.id()), host.lastSeenAt(),
                host.replicationAddress(), host.replicationPort(), host.agentVersion());
    }
}
