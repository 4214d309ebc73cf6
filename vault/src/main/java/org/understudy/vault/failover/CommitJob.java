package org.understudy.vault.failover;

import java.util.List;
import org.understudy.api.Operation;
import org.understudy.command.AgentCommand;
import org.understudy.vault.fleet.Agent;
import org.understudy.vault.fleet.Agents;
import org.understudy.vault.http.Role;
import org.understudy.vault.item.Asked;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.JobSense;
import org.understudy.vault.item.Prerequisites;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.vault.item.ProtectionState;
import org.understudy.vault.job.JobRule;
import org.understudy.vault.operation.ItemOperation;
import org.understudy.vault.operation.NothingAsked;
import org.understudy.vault.operation.Offer;
import org.understudy.workflow.JobType;
import org.understudy.workflow.StepContext;
import org.understudy.workflow.StepOutcome;
import org.understudy.workflow.StepType;

/** The job "Commit": makes a failover final; the item's recovery points are deleted (CM-01, RP-08). */
public final class CommitJob implements ItemOperation<NothingAsked, CommitJob.Input> {
    public static final String NAME = "Commit";

    private final ItemSteps steps;
    private final FailoverChecks checks;

    public CommitJob(ItemSteps steps, FailoverChecks checks) {
        this.steps = steps;
        this.checks = checks;
    }

    /** Nothing is asked. */
    public record Input() {}

    @Override
    public Offer<NothingAsked> offer() {
        return Offer.of(Operation.COMMIT, Role.OPERATOR);
    }

    @Override
    public Input input(ProtectedItem item, Asked<NothingAsked> asked) {
        return new Input();
    }

    @Override
    public Prerequisites checks(ProtectedItem item, Input input) {
        return checks.commit(item);
    }

    @Override
    public List<String> actions(ProtectedItem item, Input input) {
        return List.of("keep virtual machine " + item.name() + " as it runs on host "
                + runsAt(item).name() + " for good",
                "delete the recovery points of item " + item.name() + " there");
    }

    @Override
    public JobRule rule(JobSense sense) {
        return new JobRule(NAME, offer().role(), sense.in(state -> state instanceof ProtectionState.RunsAtTarget
                || state instanceof ProtectionState.Reversing));
    }

    @Override
    public JobType job() {
        return new JobType(NAME, List.of(
                StepType.of("commit", "Committing the failover", this::commit),
                StepType.of("states", "Updating the provider states", this::updateStates)));
    }

    private StepOutcome commit(StepContext step) {
        ProtectedItem item = steps.item(step);
        boolean reversed = item.state() instanceof ProtectionState.Reversing;
        return steps.agents().ask(step, new Agents.Call(step.command(), runsAt(item), new AgentCommand.CommitFailover(
                reversed ? item.relationshipBefore() : item.relationship())), done -> new StepOutcome.Done());
    }

    /** Where the VM was failed over to: the source, once replication is reversed. */
    private Agent runsAt(ProtectedItem item) {
        return item.state() instanceof ProtectionState.Reversing ? steps.sourceAgent(item) : steps.targetAgent(item);
    }

    private StepOutcome updateStates(StepContext step) {
        if (steps.item(step).state() instanceof ProtectionState.Reversing) {
            return steps.move(step, ProtectionState.Reversing.class, ProtectionState.Reversing.class,
                    ProtectionState.Reversing::commit);
        }
        return steps.move(step, ProtectionState.CommitPending.class, ProtectionState.Committed.class,
                ProtectionState.CommitPending::commit);
    }
}
