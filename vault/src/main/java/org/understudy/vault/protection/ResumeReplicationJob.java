package org.understudy.vault.protection;

import java.util.List;
import org.understudy.api.Operation;
import org.understudy.command.AgentCommand;
import org.understudy.vault.fleet.Agents;
import org.understudy.vault.http.Role;
import org.understudy.vault.item.Asked;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.vault.operation.ItemOperation;
import org.understudy.vault.operation.NothingAsked;
import org.understudy.vault.operation.Offer;
import org.understudy.workflow.JobType;
import org.understudy.workflow.StepContext;
import org.understudy.workflow.StepOutcome;
import org.understudy.workflow.StepType;

/**
 * The job "Resume replication": tells the source that a person has dealt with what replication stood still for. It ends
 * when the source has taken that; what replication meets next is in the item's health.
 */
public final class ResumeReplicationJob implements ItemOperation<NothingAsked, ResumeReplicationJob.Input> {
    public static final String NAME = "Resume replication";

    private final ItemSteps steps;

    public ResumeReplicationJob(ItemSteps steps) {
        this.steps = steps;
    }

    /** Nothing is asked. */
    public record Input() {}

    @Override
    public Offer<NothingAsked> offer() {
        return Offer.of(Operation.RESUME_REPLICATION, Role.OPERATOR);
    }

    @Override
    public Input input(ProtectedItem item, Asked<NothingAsked> asked) {
        return new Input();
    }

    @Override
    public List<String> actions(ProtectedItem item, Input input) {
        return List.of("have host " + steps.sourceAgent(item).name() + " go on with the replication of item "
                + item.name() + ", if it is paused or stands still");
    }

    @Override
    public JobType job() {
        return new JobType(NAME, List.of(StepType.cancellable("resume", "Resuming replication", this::resume)));
    }

    private StepOutcome resume(StepContext step) {
        ProtectedItem item = steps.item(step);
        return steps.agents().ask(step, new Agents.Call(step.command(), steps.sourceAgent(item),
                new AgentCommand.ResumeReplication(item.relationship())), done -> new StepOutcome.Done());
    }
}
