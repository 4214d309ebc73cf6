package org.understudy.vault.failover;

import java.util.List;
import org.understudy.command.AgentCommand;
import org.understudy.vault.fleet.Agents;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.vault.item.ProtectionState;
import org.understudy.workflow.JobType;
import org.understudy.workflow.StepContext;
import org.understudy.workflow.StepOutcome;
import org.understudy.workflow.StepType;

/** The job "Commit": makes a failover final; the item's recovery points are deleted (CM-01, RP-08). */
public final class CommitJob {
    public static final String NAME = "Commit";

    private final ItemSteps steps;

    public CommitJob(ItemSteps steps) {
        this.steps = steps;
    }

    /** Nothing is asked. */
    public record Input() {}

    public JobType type() {
        return new JobType(NAME, List.of(
                StepType.of("commit", "Committing the failover", this::commit),
                StepType.of("states", "Updating the provider states", this::updateStates)));
    }

    private StepOutcome commit(StepContext step) {
        ProtectedItem item = steps.item(step);
        return steps.agents().ask(step, new Agents.Call(step.command(), steps.targetAgent(item),
                new AgentCommand.CommitFailover(item.id())), done -> new StepOutcome.Done());
    }

    private StepOutcome updateStates(StepContext step) {
        return steps.move(step, state -> switch (state) {
            case ProtectionState.CommitPending running -> running.commit();
            case ProtectionState.Committed already -> already;
            case ProtectionState.Enabling _, ProtectionState.InitialReplication _, ProtectionState.Protected _,
                    ProtectionState.ResynchronizationRequired _, ProtectionState.FailingOver _,
                    ProtectionState.Disabling _ -> throw ItemSteps.illegal(step, state);
        });
    }
}
