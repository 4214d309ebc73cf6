package org.understudy.vault.item;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.understudy.command.AgentCommand.AdapterAttachment;
import org.understudy.command.AgentCommand.CheckMachine;
import org.understudy.command.AgentCommand.DescribeMachine;
import org.understudy.command.CommandOutcome;
import org.understudy.command.PointChoice;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.Portability;
import org.understudy.vault.fleet.Agent;
import org.understudy.vault.fleet.Agents;
import org.understudy.workflow.StepContext;
import org.understudy.workflow.StepOutcome;

/**
 * The look at a target before a VM depends on it: what its own hypervisor says of the VM, before a replica is made, and
 * before anything is shut down or fenced. Fails with TARGET_CANNOT_RUN_VM when something forbids it.
 */
public final class TargetLook {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    /** A note of a step is one line; all of them stand with the item. */
    private static final int WARNINGS_SAID = 8;
    private static final StepOutcome DONE = new StepOutcome.Done();

    private final ItemSteps steps;

    public TargetLook(ItemSteps steps) {
        this.steps = steps;
    }

    /** At the VM as it is at a point of its replica. */
    public StepOutcome atPoint(
            StepContext step, ProtectedItem item, PointChoice point, List<AdapterAttachment> adapters) {
        return understood(() -> check(step, item, new CheckMachine(item.relationship(), item.machine().vm(),
                item.name(), point, adapters, Optional.empty()), "started"));
    }

    /** At the VM as its source defines it now. */
    public StepOutcome atSource(StepContext step, ProtectedItem item, List<AdapterAttachment> adapters) {
        Agents.Call describe = new Agents.Call(step.command("describe"), steps.sourceAgent(item),
                new DescribeMachine(item.machine().vm()), PATIENCE);
        return understood(() -> steps.agents().ask(step, describe, described -> described
                instanceof CommandOutcome.MachineDescribed(String definition)
                        ? check(step, item, new CheckMachine(item.relationship(), item.machine().vm(), item.name(),
                                new PointChoice.Latest(), adapters, Optional.of(definition), item.machine().disks()),
                                "replicated and started")
                        : DONE));
    }

    private StepOutcome check(StepContext step, ProtectedItem item, CheckMachine question, String what) {
        Agent target = steps.targetAgent(item);
        return steps.agents().ask(step, new Agents.Call(step.command("look"), target, question, PATIENCE),
                outcome -> judged(step, target, outcome, "VM " + item.name() + " cannot be " + what));
    }

    /** Asks agents. */
    @FunctionalInterface
    private interface Asking {
        StepOutcome ask();
    }

    /** An agent of an earlier release knows no such question; it finds out when it is told to start the VM. */
    private static StepOutcome understood(Asking asking) {
        try {
            return asking.ask();
        } catch (FailureException e) {
            if (e.failure().code() == FailureCode.PROTOCOL_VIOLATED) {
                return DONE;
            }
            throw e;
        }
    }

    /** What differs at the target is said before it happens. */
    private StepOutcome judged(StepContext step, Agent target, CommandOutcome outcome, String cannot) {
        Portability found = outcome instanceof CommandOutcome.MachineChecked(var portability)
                ? portability : Portability.FULL;
        if (!found.obstacles().isEmpty()) {
            return new StepOutcome.Failed(new Failure(FailureCode.TARGET_CANNOT_RUN_VM,
                    cannot + " on host " + target.name() + ": " + String.join(" ", found.obstacles()),
                    FailureCode.TARGET_CANNOT_RUN_VM.recommendedAction(), steps.clock().instant()));
        }
        if (!found.warnings().isEmpty()) {
            step.says("on host " + target.name() + ": "
                    + String.join(" ", found.warnings().stream().limit(WARNINGS_SAID).toList()));
        }
        return DONE;
    }
}
