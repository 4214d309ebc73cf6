package org.understudy.vault.failover;

import org.understudy.command.AgentCommand;
import org.understudy.command.CommandOutcome;
import org.understudy.command.PointChoice;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.vault.fleet.Agent;
import org.understudy.vault.fleet.Agents;
import org.understudy.vault.item.Attachments;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.vault.item.ProtectionState;
import org.understudy.workflow.StepContext;
import org.understudy.workflow.StepOutcome;

/** The start of a VM at its target from a point, as every kind of failover ends with it. */
record ReplicaStart(ItemSteps steps, Attachments attachments) {
    /** Starts it; the item, which is failing over, is commit pending then. */
    StepOutcome start(StepContext step, PointChoice point) {
        ProtectedItem item = steps.item(step);
        Agent target = steps.targetAgent(item);
        AgentCommand command = new AgentCommand.FailOver(item.relationship(), point, attachments.of(item));
        return steps.agents().ask(step, new Agents.Call(step.command(), target, command), outcome -> {
            if (!(outcome instanceof CommandOutcome.MachineStarted started)) {
                throw FailureException.of(FailureCode.INTERNAL_ERROR,
                        "the agent on host " + target.name() + " did not say what it started");
            }
            return steps.move(step, ProtectionState.FailingOver.class, ProtectionState.CommitPending.class,
                    state -> state.started(started.point()));
        });
    }
}
