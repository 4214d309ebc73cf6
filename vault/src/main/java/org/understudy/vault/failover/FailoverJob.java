package org.understudy.vault.failover;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.understudy.api.FailoverRequest;
import org.understudy.api.Operation;
import org.understudy.command.AgentCommand;
import org.understudy.command.CommandOutcome;
import org.understudy.command.PointChoice;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.vault.fleet.Agent;
import org.understudy.vault.fleet.Agents;
import org.understudy.vault.fleet.Presence;
import org.understudy.vault.http.Role;
import org.understudy.vault.item.Asked;
import org.understudy.vault.item.Attachments;
import org.understudy.vault.item.FailoverKind;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.JobSense;
import org.understudy.vault.item.Prerequisites;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.vault.item.ProtectionState;
import org.understudy.vault.item.TargetLook;
import org.understudy.vault.job.JobRule;
import org.understudy.vault.operation.ItemOperation;
import org.understudy.vault.operation.Offer;
import org.understudy.workflow.Job;
import org.understudy.workflow.JobType;
import org.understudy.workflow.StepContext;
import org.understudy.workflow.StepOutcome;
import org.understudy.workflow.StepType;

/**
 * The job "Failover": the unplanned one. Needs nothing of the source (UF-02): whatever is asked of it is given up when
 * it does not answer. Replication is stopped durably at the target before the replica starts (UF-03).
 */
public final class FailoverJob implements ItemOperation<FailoverRequest, FailoverJob.Input> {
    public static final String NAME = "Failover";

    private static final Duration SHUT_DOWN = Duration.ofSeconds(90);
    /** How long a source that is connected may show no sign of carrying the order out. */
    private static final Duration SOURCE_PATIENCE = SHUT_DOWN.plusSeconds(30);
    /** How long the shipping of what it wrote last may take, and show no sign of life. */
    private static final Duration FINISH_MAX = Duration.ofMinutes(5);
    private static final Duration FINISH_PATIENCE = Duration.ofSeconds(30);
    private static final String SHUT_DOWN_BY_IT = "shutDown";
    private static final String FINISH_BEGAN = "finishBegan";
    private static final StepOutcome DONE = new StepOutcome.Done();

    private final ItemSteps steps;
    private final FailoverChecks checks;
    private final Attachments attachments;
    private final TargetLook look;
    private final ReplicaStart replica;

    public FailoverJob(ItemSteps steps, FailoverChecks checks, Attachments attachments) {
        this.steps = steps;
        this.checks = checks;
        this.attachments = attachments;
        this.look = new TargetLook(steps);
        this.replica = new ReplicaStart(steps, attachments);
    }

    /**
     * What was asked.
     *
     * @param reason why it is forced
     */
    public record Input(PointChoice point, boolean shutDownSource, boolean forced, Optional<String> reason) {}

    @Override
    public Offer<FailoverRequest> offer() {
        return new Offer<>(Operation.UNPLANNED_FAILOVER, Role.OPERATOR, FailoverRequest.class);
    }

    @Override
    public Input input(ProtectedItem item, Asked<FailoverRequest> asked) {
        FailoverRequest request = asked.request();
        boolean forced = request.force().orElse(false);
        Optional<String> reason = request.reason().filter(text -> !text.isBlank());
        if (forced && reason.isEmpty()) {
            throw FailureException.of(FailureCode.REQUEST_INVALID, "a forced failover needs a reason",
                    "Say why the source virtual machine is known not to run; it is kept in the audit records.");
        }
        return new Input(PointWords.point(request.point()), request.shutDownSource().orElse(true), forced, reason);
    }

    @Override
    public Prerequisites checks(ProtectedItem item, Input input) {
        return checks.failover(item, input);
    }

    @Override
    public List<String> actions(ProtectedItem item, Input input) {
        Agent source = steps.sourceAgent(item);
        boolean gone = source.presence() instanceof Presence.Silent;
        return List.of(
                !input.shutDownSource() ? "leave the source virtual machine as it is"
                        : gone ? "not shut the source down: host " + source.name() + " cannot be reached"
                                : "try to shut virtual machine " + item.name() + " down on host " + source.name()
                                        + ", and to carry over what it wrote last",
                "stop the replication of item " + item.name() + " for good",
                "start virtual machine " + item.name() + " on host " + steps.targetAgent(item).name()
                        + " from recovery point " + PointWords.of(input.point()));
    }

    @Override
    public Optional<String> audited(FailoverRequest request) {
        return request.force().filter(forced -> forced)
                .map(forced -> "forced: " + request.reason().orElse("without a reason"));
    }

    /** Whoever fails over has no time for what else was begun. */
    @Override
    public boolean givesWay(Job active) {
        return !active.type().equals(NAME);
    }

    /** A planned one that gives way is not taken back: started again, its VM would run beside the one wanted. */
    @Override
    public Failure ended(ProtectedItem item, Job given) {
        Failure plain = ItemOperation.super.ended(item, given);
        return !PlannedFailoverJob.hasShutDown(given) ? plain : FailureException.of(plain.code(), plain.message()
                + " It had virtual machine " + item.name() + " shut down on host " + steps.sourceAgent(item).name()
                + ", and nothing starts it there again.", "Wait for " + NAME + " of " + item.name() + ". If that does "
                + "not start it at the other site, fail over again, or start it where it was (virsh start).").failure();
    }

    @Override
    public JobRule rule(JobSense sense) {
        return new JobRule(NAME, offer().role(), job -> isFenced(job)
                ? sense.in(ProtectionState.FailingOver.class::isInstance).test(job)
                : sense.whileAllowed(offer().operation()).test(job));
    }

    @Override
    public JobType job() {
        return new JobType(NAME, List.of(
                StepType.cancellable("prerequisites", "Prerequisites check for failover", this::prerequisites),
                StepType.cancellable("shut-down", "Shut down the source virtual machine", this::shutDown),
                StepType.cancellable("finish", "Synchronize the latest changes", this::finish),
                StepType.of("fence", "Stop replication", this::fence),
                StepType.of("start", "Start the replica virtual machine", this::start)));
    }

    /** Whether it has come beyond the fence. */
    private static boolean isFenced(Job job) {
        return job.step().id().equals("start");
    }

    private StepOutcome prerequisites(StepContext step) {
        ProtectedItem item = steps.item(step);
        Input input = step.input(Input.class);
        checks.failover(item, input).require(steps.clock().instant());
        return look.atPoint(step, item, input.point(), attachments.of(item));
    }

    /**
     * Tries to shut the source VM down and goes on when its host cannot be reached (UF-01). A host that answers that
     * the VM still runs, or where it may do so, stops the failover, unless it is forced: two running copies are worse
     * than none.
     */
    private StepOutcome shutDown(StepContext step) {
        Input input = step.input(Input.class);
        ProtectedItem item = steps.item(step);
        Agent source = steps.sourceAgent(item);
        if (!input.shutDownSource()) {
            return new StepOutcome.Skipped("not asked for");
        }
        Agents.Call call = new Agents.Call(step.command(), source,
                new AgentCommand.ShutDownMachine(item.machine().vm(), SHUT_DOWN, input.forced(),
                        Optional.of(item.relationship())), SOURCE_PATIENCE);
        Optional<CommandOutcome> outcome = steps.agents().outcome(call);
        if (outcome.isEmpty()) {
            return unanswered(step, call);
        }
        return switch (outcome.get()) {
            case CommandOutcome.Done _, CommandOutcome.MachineStarted _, CommandOutcome.Points _,
                    CommandOutcome.Holdings _, CommandOutcome.MachineChecked _, CommandOutcome.Finished _,
                    CommandOutcome.MachineDescribed _ -> {
                step.notes().put(SHUT_DOWN_BY_IT, true);
                yield DONE;
            }
            case CommandOutcome.Failed(Failure failure) -> notShutDown(input, source, failure);
        };
    }

    /**
     * What follows from no answer: nothing as long as the vault does not know whether the host lives; that it is gone
     * when it was silent while the vault listened and had not taken the command. One that took it may yet answer that
     * the VM runs.
     */
    private StepOutcome unanswered(StepContext step, Agents.Call call) {
        Agent source = call.agent();
        boolean taken = steps.agents().wasTaken(call);
        return switch (source.presence()) {
            case Presence.Silent _ when !taken ->
                    new StepOutcome.Skipped("host " + source.name() + " cannot be reached");
            case Presence.Silent _ -> mayRun(step, source, "fell silent after it took the order");
            case Presence.Connected _ when steps.agents().quiet(call).compareTo(call.patience()) >= 0 ->
                    mayRun(step, source, "is connected and did not carry out the order");
            case Presence.Connected _, Presence.NotKnown _ -> steps.agents().await(step, call);
        };
    }

    private StepOutcome mayRun(StepContext step, Agent source, String what) {
        String message = "Host " + source.name() + " " + what + " to shut the source down: it may still run.";
        return step.input(Input.class).forced()
                ? new StepOutcome.Skipped(message)
                : new StepOutcome.Failed(new Failure(FailureCode.SOURCE_STILL_RUNNING, message,
                        "See that it is off and restart the job, or fail over with force and a reason.",
                        steps.clock().instant()));
    }

    private StepOutcome notShutDown(Input input, Agent source, Failure failure) {
        boolean gone = failure.code() == FailureCode.VM_NOT_FOUND_AT_SOURCE
                || failure.code() == FailureCode.VM_NOT_RUNNING;
        if (gone || input.forced()) {
            return new StepOutcome.Skipped(failure.message());
        }
        return new StepOutcome.Failed(new Failure(FailureCode.SOURCE_STILL_RUNNING,
                "host " + source.name() + " could not shut the source down: " + failure.message(),
                "Shut it down by hand and restart the job, or fail over with force and a reason.",
                steps.clock().instant()));
    }

    /**
     * What the source wrote last travels too, if it can and is wanted; the failover goes on without it (UF-01), and
     * nothing of it is waited for longer than a person would.
     */
    private StepOutcome finish(StepContext step) {
        ProtectedItem item = steps.item(step);
        if (!step.notes().has(SHUT_DOWN_BY_IT)) {
            return new StepOutcome.Skipped("the source was not shut down");
        }
        if (!(step.input(Input.class).point() instanceof PointChoice.Latest)) {
            return new StepOutcome.Skipped("the failover is to an older point");
        }
        Agents.Call call = new Agents.Call(step.command(), steps.sourceAgent(item),
                new AgentCommand.FinishReplication(item.relationship()), FINISH_PATIENCE);
        if (!step.notes().has(FINISH_BEGAN)) {
            step.notes().put(FINISH_BEGAN, steps.clock().instant().toString());
        }
        Optional<CommandOutcome> outcome = steps.agents().outcome(call);
        if (outcome.isPresent()) {
            return finished(step, outcome.get());
        }
        Instant end = Instant.parse(step.notes().get(FINISH_BEGAN).asText()).plus(FINISH_MAX);
        boolean quiet = steps.agents().quiet(call).compareTo(FINISH_PATIENCE) >= 0;
        return quiet || !steps.clock().instant().isBefore(end)
                ? new StepOutcome.Skipped("host " + call.agent().name() + " has not shipped it in time")
                : steps.agents().await(step, call.agent());
    }

    private static StepOutcome finished(StepContext step, CommandOutcome outcome) {
        if (outcome instanceof CommandOutcome.Failed(Failure failure)) {
            return new StepOutcome.Skipped(failure.message());
        }
        if (outcome instanceof CommandOutcome.Finished(LogPosition position)) {
            step.says("position " + position + " holds all that the VM wrote");
        }
        return DONE;
    }

    /** The state is durable before the fence is: a failover that got that far never counts as protected again. */
    private StepOutcome fence(StepContext step) {
        ProtectedItem item = steps.item(step);
        PointChoice point = step.input(Input.class).point();
        steps.move(step, ProtectionState.MayFailOver.class, ProtectionState.FailingOver.class,
                state -> state.failOver(FailoverKind.UNPLANNED, point));
        return steps.agents().ask(step, new Agents.Call(step.command(), steps.targetAgent(item),
                new AgentCommand.FenceReplica(item.relationship())), done -> DONE);
    }

    private StepOutcome start(StepContext step) {
        return replica.start(step, step.input(Input.class).point());
    }
}
