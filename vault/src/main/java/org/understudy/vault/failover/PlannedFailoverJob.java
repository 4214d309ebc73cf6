package org.understudy.vault.failover;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.understudy.api.Operation;
import org.understudy.command.AgentCommand;
import org.understudy.command.CommandOutcome;
import org.understudy.command.PointChoice;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.vault.fleet.Agent;
import org.understudy.vault.fleet.Agents;
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
import org.understudy.vault.operation.NothingAsked;
import org.understudy.vault.operation.Offer;
import org.understudy.workflow.Job;
import org.understudy.workflow.JobState;
import org.understudy.workflow.JobType;
import org.understudy.workflow.Jobs;
import org.understudy.workflow.StepContext;
import org.understudy.workflow.StepOutcome;
import org.understudy.workflow.StepType;

/**
 * The job "Planned failover" (PF-01): both sites work and the source is to be left without any loss. Shuts the VM down,
 * has its source ship what it wrote last, and starts it at the target from exactly that position.
 *
 * <p>The point of no return is the start at the target. A job that ends before it is taken back by itself, as one that
 * was abandoned: the replica takes segments again, and the VM is started at its source if it ran.
 */
public final class PlannedFailoverJob implements ItemOperation<NothingAsked, PlannedFailoverJob.Input> {
    public static final String NAME = "Planned failover";

    /** There is no hurry: a guest with large applications takes minutes, and the job may be cancelled meanwhile. */
    static final Duration SHUT_DOWN = Duration.ofMinutes(5);
    private static final Duration SOURCE_PATIENCE = SHUT_DOWN.plusSeconds(60);
    private static final PointChoice LATEST = new PointChoice.Latest();
    private static final StepOutcome DONE = new StepOutcome.Done();
    /** Note: the VM was told to shut down, and whether it ran. */
    private static final String RAN = "ran";
    /** Notes: the position that holds all of it. */
    private static final String GENERATION = "generation";
    private static final String SEQUENCE = "sequence";

    private final ItemSteps steps;
    private final FailoverChecks checks;
    private final Attachments attachments;
    private final Following following;
    private final TargetLook look;

    public PlannedFailoverJob(
            ItemSteps steps, FailoverChecks checks, Attachments attachments, Following following) {
        this.steps = steps;
        this.checks = checks;
        this.attachments = attachments;
        this.following = following;
        this.look = new TargetLook(steps);
    }

    /** The jobs of which one follows by itself, in the transaction in which this one ends. */
    record Following(AbandonFailoverJob abandon, ReverseReplicateJob reverse, Jobs jobs) {}

    /** Nothing to choose: the point is what the VM wrote last. */
    public record Input() {}

    @Override
    public Offer<NothingAsked> offer() {
        return Offer.of(Operation.PLANNED_FAILOVER, Role.OPERATOR);
    }

    @Override
    public Input input(ProtectedItem item, Asked<NothingAsked> asked) {
        return new Input();
    }

    @Override
    public Prerequisites checks(ProtectedItem item, Input input) {
        return checks.planned(item);
    }

    @Override
    public List<String> actions(ProtectedItem item, Input input) {
        String source = steps.sourceAgent(item).name();
        return List.of(
                "shut virtual machine " + item.name() + " down on host " + source + ", for " + SHUT_DOWN.toMinutes()
                        + " min at most",
                "carry over what it has written last; if anything fails up to here, start it on host " + source
                        + " again",
                "stop the replication of item " + item.name(),
                "start virtual machine " + item.name() + " on host " + steps.targetAgent(item).name()
                        + " from exactly there: nothing is lost");
    }

    /** One that touched the VM is taken back, and begun anew. */
    @Override
    public JobRule rule(JobSense sense) {
        return new JobRule(NAME, offer().role(), job -> !job.notes().has(RAN)
                && sense.whileAllowed(offer().operation()).test(job));
    }

    @Override
    public JobType job() {
        return new JobType(NAME, List.of(
                StepType.cancellable("prerequisites", "Prerequisites check for planned failover", this::prerequisites),
                StepType.cancellable("shut-down", "Shut down the source virtual machine", this::shutDown),
                StepType.cancellable("finish", "Synchronize the latest changes", this::finish),
                StepType.of("fence", "Stop replication", this::fence),
                // Its source may be lost behind the fence: then an unplanned failover may take this one's place.
                StepType.cancellable("verify", "Check that nothing is lost", this::verify),
                StepType.of("start", "Start the replica virtual machine", this::start)), this::follow);
    }

    /** Whether a job is one of these and has shut the VM down, or may have. */
    static boolean hasShutDown(Job job) {
        return job.type().equals(NAME) && job.notes().has(RAN) && job.notes().get(RAN).asBoolean();
    }

    private StepOutcome prerequisites(StepContext step) {
        ProtectedItem item = steps.item(step);
        checks.planned(item).require(steps.clock().instant());
        return look.atPoint(step, item, LATEST, attachments.of(item));
    }

    private StepOutcome shutDown(StepContext step) {
        ProtectedItem item = steps.item(step);
        if (!step.notes().has(RAN)) {
            // Before the order is given: whatever happens then, it is known what to take back.
            step.notes().put(RAN, checks.power(item, steps.sourceAgent(item)).filter(
                    power -> power != PowerState.SHUT_OFF).isPresent());
            step.keepNotes();
        }
        return steps.agents().ask(step, new Agents.Call(step.command(), steps.sourceAgent(item),
                new AgentCommand.ShutDownMachine(item.machine().vm(), SHUT_DOWN, false,
                        Optional.of(item.relationship())), SOURCE_PATIENCE), done -> DONE);
    }

    private StepOutcome finish(StepContext step) {
        return finished(step, position -> {
            step.notes().put(GENERATION, position.generation()).put(SEQUENCE, position.sequence());
            return DONE;
        });
    }

    /** The state is durable before the fence is: a failover that got that far is never taken for protected. */
    private StepOutcome fence(StepContext step) {
        ProtectedItem item = steps.item(step);
        steps.move(step, ProtectionState.MayFailOver.class, ProtectionState.FailingOver.class,
                state -> state.failOver(FailoverKind.PLANNED, new PointChoice.Custom(position(step))));
        return steps.agents().ask(step, new Agents.Call(step.command(), steps.targetAgent(item),
                new AgentCommand.FenceReplica(item.relationship())), done -> DONE);
    }

    /** Behind the fence the source says once more what holds all of it: somebody may have started the VM meanwhile. */
    private StepOutcome verify(StepContext step) {
        return finished(step, position -> {
            if (!position.equals(position(step))) {
                throw FailureException.of(FailureCode.SOURCE_STILL_RUNNING, "VM " + steps.item(step).name()
                        + " was started at its source after it had been shut down for the failover.",
                        "See that nobody starts it, and start the planned failover again.");
            }
            step.says("nothing is lost: position " + position + " holds all that the VM wrote");
            return DONE;
        });
    }

    private StepOutcome start(StepContext step) {
        ProtectedItem item = steps.item(step);
        Agent target = steps.targetAgent(item);
        LogPosition position = position(step);
        AgentCommand command = new AgentCommand.FailOver(
                item.relationship(), new PointChoice.Custom(position), attachments.of(item));
        return steps.agents().ask(step, new Agents.Call(step.command(), target, command), outcome -> {
            if (!(outcome instanceof CommandOutcome.MachineStarted started)
                    || !started.point().position().equals(position)) {
                throw FailureException.of(FailureCode.INTERNAL_ERROR,
                        "the agent on host " + target.name() + " did not say that it started position " + position);
            }
            step.says("runs on host " + target.name() + " from position " + position + ": nothing was lost");
            return steps.move(step, ProtectionState.FailingOver.class, ProtectionState.CommitPending.class,
                    state -> state.started(started.point()));
        });
    }

    /** What a {@link AgentCommand.FinishReplication} was answered with. */
    private interface Finished {
        StepOutcome at(LogPosition position);
    }

    private StepOutcome finished(StepContext step, Finished then) {
        ProtectedItem item = steps.item(step);
        Agent source = steps.sourceAgent(item);
        return steps.agents().ask(step, new Agents.Call(step.command(), source,
                new AgentCommand.FinishReplication(item.relationship())), outcome -> {
            if (outcome instanceof CommandOutcome.Finished(LogPosition position)) {
                return then.at(position);
            }
            throw FailureException.of(FailureCode.INTERNAL_ERROR,
                    "the agent on host " + source.name() + " did not say up to where it has shipped");
        });
    }

    private static LogPosition position(StepContext step) {
        return new LogPosition(step.notes().get(GENERATION).asLong(), step.notes().get(SEQUENCE).asLong());
    }

    /**
     * The VM is protected at once in the other direction (PF-03), while its old host is there; a job that never touched
     * the VM leaves nothing to take back.
     */
    private void follow(Job ended) {
        if (ended.state() != JobState.SUCCEEDED && ended.notes().has(RAN)) {
            following.jobs().start(following.abandon().job(), ended.target(),
                    new AbandonFailoverJob.Input(ended.notes().get(RAN).asBoolean()), "vault");
        } else if (ended.state() == JobState.SUCCEEDED
                && steps.sourceAgent(steps.items().get(ItemId.parse(ended.target().id()))).connected()) {
            following.jobs().start(following.reverse().job(), ended.target(),
                    new ReverseReplicateJob.Input(Optional.empty()), "vault");
        }
    }
}
