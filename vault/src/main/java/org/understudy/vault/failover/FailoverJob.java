package org.understudy.vault.failover;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.understudy.command.AgentCommand;
import org.understudy.command.CommandOutcome;
import org.understudy.command.PointChoice;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.vault.fleet.Agent;
import org.understudy.vault.fleet.Agents;
import org.understudy.vault.fleet.Presence;
import org.understudy.vault.item.Attachments;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.vault.item.ProtectionState;
import org.understudy.vault.item.TargetLook;
import org.understudy.workflow.Job;
import org.understudy.workflow.JobType;
import org.understudy.workflow.StepContext;
import org.understudy.workflow.StepOutcome;
import org.understudy.workflow.StepType;

/**
 * The job "Failover": the unplanned one. Needs nothing of the source (UF-02): whatever is asked of it is given up when
 * it does not answer. Replication is stopped durably at the target before the replica starts (UF-03).
 */
public final class FailoverJob {
    public static final String NAME = "Failover";

    private static final Duration SHUT_DOWN = Duration.ofSeconds(90);
    /** How long a source that is connected may show no sign of carrying the order out. */
    private static final Duration SOURCE_PATIENCE = SHUT_DOWN.plusSeconds(30);
    private static final StepOutcome DONE = new StepOutcome.Done();

    private final ItemSteps steps;
    private final FailoverChecks checks;
    private final Attachments attachments;
    private final TargetLook look;

    public FailoverJob(ItemSteps steps, FailoverChecks checks, Attachments attachments) {
        this.steps = steps;
        this.checks = checks;
        this.attachments = attachments;
        this.look = new TargetLook(steps);
    }

    /**
     * What was asked.
     *
     * @param reason why it is forced
     */
    public record Input(PointChoice point, boolean shutDownSource, boolean forced, Optional<String> reason) {}

    public JobType type() {
        return new JobType(NAME, List.of(
                StepType.cancellable("prerequisites", "Prerequisites check for failover", this::prerequisites),
                StepType.cancellable("shut-down", "Shut down the source virtual machine", this::shutDown),
                StepType.of("fence", "Stop replication", this::fence),
                StepType.of("start", "Start the replica virtual machine", this::start)));
    }

    /** Whether it has come beyond the fence. */
    static boolean isFenced(Job job) {
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
                new AgentCommand.ShutDownMachine(item.machine().vm(), SHUT_DOWN, input.forced()), SOURCE_PATIENCE);
        Optional<CommandOutcome> outcome = steps.agents().outcome(call);
        if (outcome.isEmpty()) {
            return unanswered(step, call);
        }
        return switch (outcome.get()) {
            case CommandOutcome.Done _, CommandOutcome.MachineStarted _, CommandOutcome.Points _,
                    CommandOutcome.Holdings _, CommandOutcome.MachineChecked _,
                    CommandOutcome.MachineDescribed _ -> DONE;
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
            case Presence.Connected _, Presence.NotKnown _ -> steps.agents().await(step, source);
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

    /** The state is durable before the fence is: a failover that got that far never counts as protected again. */
    private StepOutcome fence(StepContext step) {
        ProtectedItem item = steps.item(step);
        PointChoice point = step.input(Input.class).point();
        steps.move(step, state -> switch (state) {
            case ProtectionState.Protected following -> following.failOver(point);
            case ProtectionState.ResynchronizationRequired diverged -> diverged.failOver(point);
            case ProtectionState.FailingOver before -> before.failOver(point);
            case ProtectionState.Enabling _, ProtectionState.InitialReplication _, ProtectionState.CommitPending _,
                    ProtectionState.Committed _, ProtectionState.Disabling _ -> throw ItemSteps.illegal(step, state);
        });
        return steps.agents().ask(step, new Agents.Call(step.command(), steps.targetAgent(item),
                new AgentCommand.FenceReplica(item.id())), done -> DONE);
    }

    private StepOutcome start(StepContext step) {
        ProtectedItem item = steps.item(step);
        Agent target = steps.targetAgent(item);
        AgentCommand command = new AgentCommand.FailOver(
                item.id(), step.input(Input.class).point(), attachments.of(item));
        return steps.agents().ask(step, new Agents.Call(step.command(), target, command), outcome -> {
            if (!(outcome instanceof CommandOutcome.MachineStarted started)) {
                throw FailureException.of(FailureCode.INTERNAL_ERROR,
                        "the agent on host " + target.name() + " did not say what it started");
            }
            return steps.move(step, state -> switch (state) {
                case ProtectionState.FailingOver starting -> starting.started(started.point());
                case ProtectionState.CommitPending already -> already;
                case ProtectionState.Enabling _, ProtectionState.InitialReplication _, ProtectionState.Protected _,
                        ProtectionState.ResynchronizationRequired _, ProtectionState.Committed _,
                        ProtectionState.Disabling _ -> throw ItemSteps.illegal(step, state);
            });
        });
    }
}
