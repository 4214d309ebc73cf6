package org.understudy.vault.failover;

import java.util.List;
import java.util.Optional;
import org.understudy.api.Operation;
import org.understudy.command.AgentCommand;
import org.understudy.vault.fleet.Agent;
import org.understudy.vault.fleet.Agents;
import org.understudy.vault.http.Role;
import org.understudy.vault.item.Asked;
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
 * takes segments again, and replication goes on where it stood.
 */
public final class AbandonFailoverJob implements ItemOperation<NothingAsked, AbandonFailoverJob.Input> {
    public static final String NAME = "Abandon failover";

    private final ItemSteps steps;

    public AbandonFailoverJob(ItemSteps steps) {
        this.steps = steps;
    }

    /** Nothing to choose. */
    public record Input() {}

    @Override
    public Offer<NothingAsked> offer() {
        return Offer.of(Operation.ABANDON_FAILOVER, Role.OPERATOR);
    }

    @Override
    public Input input(ProtectedItem item, Asked<NothingAsked> asked) {
        return new Input();
    }

    @Override
    public List<String> actions(ProtectedItem item, Input input) {
        return List.of("have the replica of item " + item.name() + " on host " + steps.targetAgent(item).name()
                + " take what its source ships again; refused when the virtual machine is defined there",
                "resume replication on host " + steps.sourceAgent(item).name());
    }

    @Override
    public JobRule rule(JobSense sense) {
        return new JobRule(NAME, offer().role(), sense.in(state ->
                state instanceof ProtectionState.FailingOver || state instanceof ProtectionState.Protected));
    }

    @Override
    public JobType job() {
        return new JobType(NAME, List.of(
                StepType.cancellable("release", "Take up replication at the target", this::release),
                StepType.of("states", "Updating the provider states", this::updateStates),
                StepType.cancellable("source", "Resume replication at the source", this::resume)));
    }

    private StepOutcome release(StepContext step) {
        ProtectedItem item = steps.item(step);
        return steps.agents().ask(step, new Agents.Call(step.command(), steps.targetAgent(item),
                new AgentCommand.ReleaseReplica(item.id())), done -> new StepOutcome.Done());
    }

    private StepOutcome updateStates(StepContext step) {
        return steps.move(step, ProtectionState.FailingOver.class, ProtectionState.Protected.class,
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
                new AgentCommand.ResumeReplication(item.id())), done -> new StepOutcome.Done());
    }
}
