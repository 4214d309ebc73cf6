package org.understudy.vault.failover;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.understudy.api.Operation;
import org.understudy.command.AgentCommand;
import org.understudy.command.CommandOutcome;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.vault.fleet.Agent;
import org.understudy.vault.fleet.Agents;
import org.understudy.vault.http.Role;
import org.understudy.vault.item.Asked;
import org.understudy.vault.item.EndReason;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.JobSense;
import org.understudy.vault.item.Prerequisites;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.vault.item.ProtectionState;
import org.understudy.vault.item.TargetCopy;
import org.understudy.vault.job.JobRule;
import org.understudy.vault.operation.ItemOperation;
import org.understudy.vault.operation.NothingAsked;
import org.understudy.vault.operation.Offer;
import org.understudy.workflow.JobType;
import org.understudy.workflow.StepContext;
import org.understudy.workflow.StepOutcome;
import org.understudy.workflow.StepType;

/**
 * The job "Complete Migration": the VM has moved for good (M-03). Commits the failover if nobody has, removes
 * replication at both ends, and the item ends. The source VM stays as it is, shut down and not deleted (M-07).
 */
public final class CompleteMigrationJob implements ItemOperation<NothingAsked, CompleteMigrationJob.Input> {
    public static final String NAME = "Complete Migration";

    private static final Duration PATIENCE = Duration.ofMinutes(30);
    private static final StepOutcome DONE = new StepOutcome.Done();

    private final ItemSteps steps;
    private final FailoverChecks checks;

    public CompleteMigrationJob(ItemSteps steps, FailoverChecks checks) {
        this.steps = steps;
        this.checks = checks;
    }

    /** Nothing is asked. */
    public record Input() {}

    @Override
    public Offer<NothingAsked> offer() {
        return Offer.of(Operation.COMPLETE_MIGRATION, Role.CONTRIBUTOR);
    }

    @Override
    public Input input(ProtectedItem item, Asked<NothingAsked> asked) {
        return new Input();
    }

    @Override
    public Prerequisites checks(ProtectedItem item, Input input) {
        return checks.oneCopy(item).and(checks.commit(item));
    }

    @Override
    public List<String> actions(ProtectedItem item, Input input) {
        String source = steps.sourceAgent(item).name();
        String target = steps.targetAgent(item).name();
        List<String> actions = new ArrayList<>();
        if (item.state() instanceof ProtectionState.CommitPending) {
            actions.add("commit the failover: delete the recovery points of item " + item.name() + " on host "
                    + target);
        }
        actions.add("stop replication on host " + source + " and remove what it left there; virtual machine "
                + item.name() + " and its disks stay there as they are, shut down");
        actions.add("leave virtual machine " + item.name() + " as it runs on host " + target + ", unprotected");
        actions.add("remove the item from the vault: there is no way back to host " + source);
        return actions;
    }

    /** It may go on as long as the item is there: behind its first steps nothing else has a use for it. */
    @Override
    public JobRule rule(JobSense sense) {
        return new JobRule(NAME, offer().role(), job -> job.currentStep() <= 1
                ? sense.in(ProtectionState.RunsAtTarget.class::isInstance).test(job)
                : sense.in(state -> state instanceof ProtectionState.RunsAtTarget
                        || state instanceof ProtectionState.Disabling).test(job));
    }

    @Override
    public JobType job() {
        return new JobType(NAME, List.of(
                StepType.cancellable("prerequisites", "Prerequisites check for the migration", this::prerequisites),
                StepType.of("commit", "Committing the failover", this::commit),
                StepType.of("states", "Updating the provider states", this::updateStates),
                StepType.cancellable("source", "Disabling replication on the source", this::cleanSource),
                StepType.cancellable("target", "Disabling replication on the target", this::cleanTarget),
                StepType.of("remove", "Removing the protected item", this::remove)));
    }

    private StepOutcome prerequisites(StepContext step) {
        checks.oneCopy(steps.item(step)).require(steps.clock().instant());
        return DONE;
    }

    private StepOutcome commit(StepContext step) {
        ProtectedItem item = steps.item(step);
        if (item.state() instanceof ProtectionState.Committed) {
            return new StepOutcome.Skipped("it is committed");
        }
        return steps.agents().ask(step, new Agents.Call(step.command(), steps.targetAgent(item),
                new AgentCommand.CommitFailover(item.relationship())), done -> steps.move(step,
                        ProtectionState.CommitPending.class, ProtectionState.Committed.class,
                        ProtectionState.CommitPending::commit));
    }

    private StepOutcome updateStates(StepContext step) {
        return steps.move(step, ProtectionState.Committed.class, ProtectionState.Disabling.class,
                state -> state.disable(EndReason.MIGRATION_COMPLETE));
    }

    /** What we left on the VM goes, the VM stays; a host that is gone has nothing that anybody needs. */
    private StepOutcome cleanSource(StepContext step) {
        ProtectedItem item = steps.item(step);
        Agent source = steps.sourceAgent(item);
        Optional<StepOutcome> without = steps.without(step, source);
        if (without.isPresent()) {
            return without.get();
        }
        return steps.agents().ask(step, new Agents.Call(
                step.command(), source, new AgentCommand.StopReplication(item.relationship()), PATIENCE),
                outcome -> outcome instanceof CommandOutcome.Done(Optional<String> note) && note.isPresent()
                        ? new StepOutcome.Skipped(note.get()) : DONE);
    }

    /** The host keeps what the VM runs from, and says so. */
    private StepOutcome cleanTarget(StepContext step) {
        ProtectedItem item = steps.item(step);
        Agent target = steps.targetAgent(item);
        Optional<StepOutcome> without = steps.without(step, target);
        if (without.isPresent()) {
            return without.get();
        }
        try {
            return steps.agents().ask(step, new Agents.Call(
                    step.command(), target, new AgentCommand.RemoveReplica(item.relationship()), PATIENCE),
                    done -> DONE);
        } catch (FailureException e) {
            if (e.failure().code() == FailureCode.IN_USE) {
                return new StepOutcome.Skipped("virtual machine " + item.name() + " runs from the replica's disks");
            }
            if (e.failure().code() == FailureCode.NOT_FOUND) {
                return new StepOutcome.Skipped("host " + target.name() + " has no replica of it any more");
            }
            throw e;
        }
    }

    private StepOutcome remove(StepContext step) {
        steps.items().find(ItemSteps.id(step)).ifPresent(item -> steps.end(item, TargetCopy.RUNS,
                "job=" + step.jobId() + " reason=" + EndReason.MIGRATION_COMPLETE));
        return DONE;
    }
}
