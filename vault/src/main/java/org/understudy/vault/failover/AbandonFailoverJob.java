package org.understudy.vault.failover;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.understudy.api.Operation;
import org.understudy.command.AgentCommand;
import org.understudy.command.MachineRole;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.vault.fleet.Agent;
import org.understudy.vault.fleet.Agents;
import org.understudy.vault.http.Role;
import org.understudy.vault.item.Asked;
import org.understudy.vault.item.FailoverKind;
import org.understudy.vault.item.HeldRoleStore;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.JobSense;
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

/**
 * The job "Abandon failover": takes a failover back that stopped before its VM was defined at the target. The replica
 * takes segments again, and replication goes on where it stood. Of a planned failover the VM is started at its source
 * again, after the target has said that it runs no copy; the vault begins that by itself.
 */
public final class AbandonFailoverJob implements ItemOperation<NothingAsked, AbandonFailoverJob.Input> {
    public static final String NAME = "Abandon failover";

    private final ItemSteps steps;

    public AbandonFailoverJob(ItemSteps steps) {
        this.steps = steps;
    }

    /**
     * What is to be done.
     *
     * @param startSource whether the VM was shut down for the failover
     */
    public record Input(boolean startSource) {}

    @Override
    public Offer<NothingAsked> offer() {
        return Offer.of(Operation.ABANDON_FAILOVER, Role.OPERATOR);
    }

    @Override
    public Input input(ProtectedItem item, Asked<NothingAsked> asked) {
        return new Input(item.state() instanceof ProtectionState.FailingOver(FailoverKind kind, _, _)
                && kind == FailoverKind.PLANNED);
    }

    @Override
    public List<String> actions(ProtectedItem item, Input input) {
        List<String> actions = new ArrayList<>(List.of(
                "have the replica of item " + item.name() + " on host " + steps.targetAgent(item).name()
                        + " take what its source ships again; refused when the virtual machine is defined there",
                "resume replication on host " + steps.sourceAgent(item).name()));
        if (input.startSource()) {
            actions.add("start virtual machine " + item.name() + " there again");
        }
        return actions;
    }

    @Override
    public JobRule rule(JobSense sense) {
        return new JobRule(NAME, offer().role(), sense.in(state ->
                state instanceof ProtectionState.FailingOver || state instanceof ProtectionState.Protected
                        || state instanceof ProtectionState.Reversing));
    }

    @Override
    public JobType job() {
        return new JobType(NAME, List.of(
                StepType.cancellable("release", "Take up replication at the target", this::release),
                StepType.of("states", "Updating the provider states", this::updateStates),
                StepType.cancellable("source", "Resume replication at the source", this::resume),
                StepType.cancellable("start", "Start the source virtual machine", this::startSource)));
    }

    private StepOutcome release(StepContext step) {
        ProtectedItem item = steps.item(step);
        if (!(item.state() instanceof ProtectionState.Replicates)) {
            return askForRelease(step, item);
        }
        if (!step.input(Input.class).startSource()) {
            return new StepOutcome.Skipped("it was not fenced");
        }
        // Somebody may have failed over at the target's host while the vault was away, or behind its back.
        requireNoneRuns(step, item);
        return steps.without(step, steps.targetAgent(item)).orElseGet(() -> askForRelease(step, item));
    }

    private StepOutcome askForRelease(StepContext step, ProtectedItem item) {
        return steps.agents().ask(step, new Agents.Call(step.command(), steps.targetAgent(item),
                new AgentCommand.ReleaseReplica(item.relationship())), done -> new StepOutcome.Done());
    }

    /** What the target told last counts, too, when it cannot be asked any more. */
    private void requireNoneRuns(StepContext step, ProtectedItem item) {
        Agent target = steps.targetAgent(item);
        boolean runs = new HeldRoleStore(steps.database()).of(item.machine().vm()).stream().anyMatch(at ->
                at.host().equals(target.id()) && at.held().role() == MachineRole.RUNNING_REPLICA);
        if (runs) {
            throw FailureException.of(FailureCode.STATE_FORBIDS, "Virtual machine " + item.name()
                    + " was failed over on host " + target.name() + ": it is not started at its source again.",
                    "See on both hosts which copy is wanted.");
        }
    }

    private StepOutcome updateStates(StepContext step) {
        ProtectionState state = steps.item(step).state();
        if (state instanceof ProtectionState.Replicates) {
            return new StepOutcome.Done();
        }
        return state instanceof ProtectionState.FailingOver failing && failing.reversal().isPresent()
                ? steps.move(step, ProtectionState.FailingOver.class, ProtectionState.Reversing.class,
                        ProtectionState.FailingOver::abandonToReversal)
                : steps.move(step, ProtectionState.FailingOver.class, ProtectionState.Protected.class,
                        ProtectionState.FailingOver::abandon);
    }

    /** The source may be gone, which is why somebody failed over; it looks by itself when it is back. */
    private StepOutcome resume(StepContext step) {
        ProtectedItem item = steps.item(step);
        Agent source = steps.sourceAgent(item);
        Optional<StepOutcome> without = steps.without(step, source);
        if (without.isPresent()) {
            return without.get();
        }
        return steps.agents().ask(step, new Agents.Call(step.command(), source,
                new AgentCommand.ResumeReplication(item.relationship())), done -> new StepOutcome.Done());
    }

    private StepOutcome startSource(StepContext step) {
        ProtectedItem item = steps.item(step);
        if (!step.input(Input.class).startSource()) {
            return new StepOutcome.Skipped("it did not run, or the failover was not a planned one");
        }
        return steps.agents().ask(step, new Agents.Call(step.command(), steps.sourceAgent(item),
                new AgentCommand.StartMachine(item.relationship(), item.machine().vm())),
                done -> new StepOutcome.Done());
    }
}
