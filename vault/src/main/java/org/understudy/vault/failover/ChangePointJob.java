package org.understudy.vault.failover;

import java.util.List;
import org.understudy.api.ChangePointRequest;
import org.understudy.api.Operation;
import org.understudy.command.AgentCommand;
import org.understudy.command.PointChoice;
import org.understudy.vault.fleet.Agents;
import org.understudy.vault.http.Role;
import org.understudy.vault.item.Asked;
import org.understudy.vault.item.Attachments;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.JobSense;
import org.understudy.vault.item.Prerequisites;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.vault.item.ProtectionState;
import org.understudy.vault.item.TargetLook;
import org.understudy.vault.job.JobRule;
import org.understudy.vault.operation.ItemOperation;
import org.understudy.vault.operation.Offer;
import org.understudy.workflow.JobType;
import org.understudy.workflow.StepContext;
import org.understudy.workflow.StepOutcome;
import org.understudy.workflow.StepType;

/**
 * The job "Change recovery point": a VM that was failed over, and is not committed, is started from another of its
 * points (CM-01). It is the same VM at another instant; what it wrote since its failover is lost.
 */
public final class ChangePointJob implements ItemOperation<ChangePointRequest, ChangePointJob.Input> {
    public static final String NAME = "Change recovery point";

    private static final StepOutcome DONE = new StepOutcome.Done();

    private final ItemSteps steps;
    private final FailoverChecks checks;
    private final Attachments attachments;
    private final TargetLook look;
    private final ReplicaStart replica;

    public ChangePointJob(ItemSteps steps, FailoverChecks checks, Attachments attachments) {
        this.steps = steps;
        this.checks = checks;
        this.attachments = attachments;
        this.look = new TargetLook(steps);
        this.replica = new ReplicaStart(steps, attachments);
    }

    /** What was asked. */
    public record Input(PointChoice point) {}

    @Override
    public Offer<ChangePointRequest> offer() {
        return new Offer<>(Operation.CHANGE_RECOVERY_POINT, Role.OPERATOR, ChangePointRequest.class);
    }

    @Override
    public Input input(ProtectedItem item, Asked<ChangePointRequest> asked) {
        return new Input(PointWords.point(asked.request().point()));
    }

    @Override
    public Prerequisites checks(ProtectedItem item, Input input) {
        return checks.changePoint(item, input.point());
    }

    @Override
    public List<String> actions(ProtectedItem item, Input input) {
        String host = steps.targetAgent(item).name();
        return List.of(
                "stop virtual machine " + item.name() + " on host " + host + " as a power cut would",
                "delete what it wrote there since its failover: that is lost",
                "start virtual machine " + item.name() + " on host " + host + " from recovery point "
                        + PointWords.of(input.point()));
    }

    /** Behind its first step the VM of before may be gone: it goes on as long as nobody else has started one. */
    @Override
    public JobRule rule(JobSense sense) {
        return new JobRule(NAME, offer().role(), job -> job.currentStep() == 0
                ? sense.whileAllowed(Operation.CHANGE_RECOVERY_POINT).test(job)
                : sense.in(ProtectionState.FailingOver.class::isInstance).test(job));
    }

    @Override
    public JobType job() {
        return new JobType(NAME, List.of(
                StepType.cancellable("prerequisites", "Prerequisites check for another point", this::prerequisites),
                StepType.of("discard", "Remove the virtual machine of the point before", this::discard),
                StepType.of("start", "Start the replica virtual machine", this::start)));
    }

    /** Nothing that the target can know beforehand fails once the VM of before is gone. */
    private StepOutcome prerequisites(StepContext step) {
        ProtectedItem item = steps.item(step);
        PointChoice point = step.input(Input.class).point();
        checks.changePoint(item, point).require(steps.clock().instant());
        return look.atPoint(step, item, point, attachments.of(item));
    }

    /** The state is durable before the VM goes: the item counts as failing over until another runs. */
    private StepOutcome discard(StepContext step) {
        ProtectedItem item = steps.item(step);
        steps.move(step, ProtectionState.CommitPending.class, ProtectionState.FailingOver.class,
                state -> state.changePoint(step.input(Input.class).point()));
        return steps.agents().ask(step, new Agents.Call(step.command(), steps.targetAgent(item),
                new AgentCommand.DiscardFailover(item.relationship())), done -> DONE);
    }

    private StepOutcome start(StepContext step) {
        return replica.start(step, step.input(Input.class).point());
    }
}
