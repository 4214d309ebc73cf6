package org.understudy.vault.failover;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.understudy.command.AgentCommand.AdapterAttachment;
import org.understudy.command.AgentCommand.CheckMachine;
import org.understudy.command.CommandOutcome;
import org.understudy.command.PointChoice;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.vault.fleet.Agent;
import org.understudy.vault.fleet.Agents;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.workflow.StepContext;
import org.understudy.workflow.StepOutcome;

/**
 * The look at the target before a failover: what its own hypervisor says of the VM as it is at the point, before
 * anything is shut down or fenced.
 */
final class TargetLook {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final ItemSteps steps;

    TargetLook(ItemSteps steps) {
        this.steps = steps;
    }

    /** Done when nothing forbids that the VM is started there; failed with TARGET_CANNOT_RUN_VM otherwise. */
    StepOutcome at(StepContext step, ProtectedItem item, PointChoice point, List<AdapterAttachment> adapters) {
        Agent target = steps.targetAgent(item);
        CheckMachine question = new CheckMachine(
                item.id(), item.machine().vm(), item.name(), point, adapters, Optional.empty());
        try {
            return steps.agents().ask(step, new Agents.Call(step.command("look"), target, question, PATIENCE),
                    outcome -> judged(item, target, outcome));
        } catch (FailureException e) {
            if (e.failure().code() == FailureCode.PROTOCOL_VIOLATED) {
                // An agent of an earlier release knows no such question; it finds out when it is told to start the VM.
                return new StepOutcome.Done();
            }
            throw e;
        }
    }

    private StepOutcome judged(ProtectedItem item, Agent target, CommandOutcome outcome) {
        List<String> obstacles = outcome instanceof CommandOutcome.MachineChecked(var portability)
                ? portability.obstacles() : List.of();
        return obstacles.isEmpty() ? new StepOutcome.Done() : new StepOutcome.Failed(new Failure(
                FailureCode.TARGET_CANNOT_RUN_VM, "VM " + item.name() + " cannot be started on host " + target.name()
                        + ": " + String.join(" ", obstacles),
                FailureCode.TARGET_CANNOT_RUN_VM.recommendedAction(), steps.clock().instant()));
    }
}
