package org.understudy.vault.protection;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.understudy.api.DisableRequest;
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
import org.understudy.vault.item.KeptPoints;
import org.understudy.vault.item.Prerequisites;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.vault.item.ProtectionState;
import org.understudy.vault.item.Relationships;
import org.understudy.vault.item.TargetCopy;
import org.understudy.vault.job.JobRule;
import org.understudy.vault.operation.ItemOperation;
import org.understudy.vault.operation.Offer;
import org.understudy.workflow.JobType;
import org.understudy.workflow.StepContext;
import org.understudy.workflow.StepOutcome;
import org.understudy.workflow.StepType;

/**
 * The job "Disable protection": both hosts are cleaned of what protection made there, then the item is removed.
 * The source VM is never touched, nor a VM that a failover started.
 */
public final class DisableProtectionJob implements ItemOperation<DisableRequest, DisableProtectionJob.Input> {
    public static final String NAME = "Disable protection";

    private static final Duration PATIENCE = Duration.ofMinutes(30);
    private static final StepOutcome DONE = new StepOutcome.Done();

    private final ItemSteps steps;
    private final Relationships relationships;
    private final KeptPoints kept;

    public DisableProtectionJob(ItemSteps steps, Relationships relationships, KeptPoints kept) {
        this.kept = kept;
        this.steps = steps;
        this.relationships = relationships;
    }

    /**
     * What was asked.
     *
     * @param forget go on where an agent cannot be reached
     */
    public record Input(boolean deleteReplica, boolean forget) {}

    @Override
    public Offer<DisableRequest> offer() {
        return new Offer<>(Operation.DISABLE_PROTECTION, Role.CONTRIBUTOR, DisableRequest.class);
    }

    @Override
    public Input input(ProtectedItem item, Asked<DisableRequest> asked) {
        boolean delete = asked.request().deleteReplica()
                .orElseGet(() -> relationships.policy(item).settings().deleteReplica());
        return new Input(delete, asked.request().forget().orElse(false));
    }

    /** What would be refused half way; a host that is given up cannot be asked to let anything go. */
    @Override
    public Prerequisites checks(ProtectedItem item, Input input) {
        return input.deleteReplica() && item.state().copy() != TargetCopy.RUNS && steps.targetAgent(item).connected()
                ? kept.nothingIsLost(item, "the removal of the replica") : new Prerequisites();
    }

    @Override
    public List<String> actions(ProtectedItem item, Input input) {
        String target = steps.targetAgent(item).name();
        return List.of(
                "stop replication on host " + steps.sourceAgent(item).name() + " and remove what it left there",
                item.state().copy() == TargetCopy.RUNS
                        ? "leave virtual machine " + item.name() + " as it runs on host " + target
                        : input.deleteReplica() ? "delete the replica and its recovery points on host " + target
                                : "keep the replica: the " + stays(item, target),
                "remove the item from the vault");
    }

    @Override
    public JobRule rule(JobSense sense) {
        return new JobRule(NAME, offer().role(), sense.always());
    }

    @Override
    public JobType job() {
        return new JobType(NAME, List.of(
                StepType.of("prerequisites", "Prerequisites check for disabling protection", this::begin),
                StepType.cancellable("source", "Disabling replication on the source", this::cleanSource),
                StepType.cancellable("target", "Disabling replication on the target", this::cleanTarget),
                StepType.of("remove", "Removing the protected item", this::remove)));
    }

    private StepOutcome begin(StepContext step) {
        return steps.move(step, ProtectionState.class, ProtectionState.Disabling.class,
                state -> state.disable(EndReason.NOT_SPECIFIED));
    }

    private StepOutcome cleanSource(StepContext step) {
        ProtectedItem item = steps.item(step);
        Agent source = steps.sourceAgent(item);
        Optional<StepOutcome> without = mayForget(step) || copy(step, item) == TargetCopy.RUNS
                ? steps.without(step, source) : Optional.empty();
        if (without.isPresent()) {
            return without.get();
        }
        return steps.agents().ask(step, new Agents.Call(
                step.command(), source, new AgentCommand.StopReplication(item.relationship()), PATIENCE),
                DisableProtectionJob::cleaned);
    }

    /** What a host can only remove later is said, and no success without a word. */
    private static StepOutcome cleaned(CommandOutcome outcome) {
        return outcome instanceof CommandOutcome.Done done && done.note().isPresent()
                ? new StepOutcome.Skipped(done.note().get()) : DONE;
    }

    /** A VM that a failover started runs from the replica's disks, so nothing is removed then. */
    private StepOutcome cleanTarget(StepContext step) {
        ProtectedItem item = steps.item(step);
        Agent target = steps.targetAgent(item);
        if (copy(step, item) == TargetCopy.RUNS) {
            return new StepOutcome.Skipped("virtual machine " + item.name() + " runs from the replica's disks");
        }
        Optional<StepOutcome> without = mayForget(step) ? steps.without(step, target) : Optional.empty();
        if (without.isPresent()) {
            return without.get();
        }
        boolean delete = step.input(Input.class).deleteReplica();
        AgentCommand command = delete ? new AgentCommand.RemoveReplica(item.relationship())
                : new AgentCommand.FenceReplica(item.relationship());
        try {
            return steps.agents().ask(
                    step, new Agents.Call(step.command(), target, command, PATIENCE),
                    done -> delete ? DONE : new StepOutcome.Skipped("the " + stays(item, target.name())));
        } catch (FailureException e) {
            if (e.failure().code() == FailureCode.NOT_FOUND) {
                return new StepOutcome.Skipped("host " + target.name() + " has no replica of it");
            }
            if (e.failure().code() == FailureCode.IN_USE && copy(step, item) == TargetCopy.BEGAN_TO_START) {
                return new StepOutcome.Skipped("a failover began to start virtual machine " + item.name() + " on host "
                        + target.name() + ", which keeps its disks there; remove both by hand");
            }
            throw e;
        }
    }

    /** Where a replica stays that is not deleted, and what deletes it later. */
    static String stays(ProtectedItem item, String target) {
        return "replica stays on host " + target + ", fenced; later \"understudy host holdings remove " + target + " "
                + item.id() + "\" deletes it";
    }

    private StepOutcome remove(StepContext step) {
        steps.items().find(ItemSteps.id(step))
                .ifPresent(item -> steps.end(item, copy(step, item), "job=" + step.jobId()));
        return DONE;
    }

    private static boolean mayForget(StepContext step) {
        return step.input(Input.class).forget();
    }

    /** As the state knows it; a job that a vault of the first release began wrote it in its notes. */
    private static TargetCopy copy(StepContext step, ProtectedItem item) {
        return step.notes().path("failedOver").asBoolean() ? TargetCopy.RUNS
                : step.notes().path("failingOver").asBoolean() ? TargetCopy.BEGAN_TO_START : item.state().copy();
    }
}
