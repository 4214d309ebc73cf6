package org.understudy.vault.protection;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.understudy.command.AgentCommand;
import org.understudy.command.CommandOutcome;
import org.understudy.command.HeldFolder;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;
import org.understudy.vault.fleet.Agent;
import org.understudy.vault.fleet.Agents;
import org.understudy.vault.item.ItemSteps;
import org.understudy.workflow.JobType;
import org.understudy.workflow.StepContext;
import org.understudy.workflow.StepOutcome;
import org.understudy.workflow.StepType;

/** The job "Remove a replica": of an item that the vault has no more, from the host that kept it. */
final class RemoveHoldingJob {
    static final String NAME = "Remove a replica";

    /** The note of which of the item's directions the folder is. */
    private static final String GENERATION = "generation";
    private static final StepOutcome DONE = new StepOutcome.Done();

    private final ItemSteps steps;

    RemoveHoldingJob(ItemSteps steps) {
        this.steps = steps;
    }

    /**
     * Where it is.
     *
     * @param letGo the kept point that goes with it; none in what versions before 0.2 wrote
     */
    record Input(HostId host, Optional<LogPosition> letGo) {
        Input {
            letGo = Objects.requireNonNullElse(letGo, Optional.empty());
        }
    }

    JobType type() {
        return new JobType(NAME, List.of(
                StepType.cancellable("look", "Looking at what the host keeps", this::look),
                StepType.cancellable("remove", "Removing the replica", this::remove)));
    }

    private StepOutcome look(StepContext step) {
        Agent host = host(step);
        return steps.agents().ask(step, new Agents.Call(step.command(), host, new AgentCommand.ListHoldings()),
                found -> {
                    if (found instanceof CommandOutcome.Holdings holdings) {
                        HeldFolder folder = Holdings.removable(steps, host.name(), item(step), letGo(step), holdings);
                        step.notes().put(GENERATION, folder.generation());
                    }
                    return DONE;
                });
    }

    /** The agent looks once more, and removes nothing that a VM may run from or that a source feeds. */
    private StepOutcome remove(StepContext step) {
        long generation = step.notes().path(GENERATION).asLong(RelationshipId.FIRST);
        return steps.agents().ask(step, new Agents.Call(step.command(), host(step),
                new AgentCommand.RemoveReplica(new RelationshipId(item(step), generation), true,
                        letGo(step).stream().toList())), removed -> DONE);
    }

    private static Optional<LogPosition> letGo(StepContext step) {
        return step.input(Input.class).letGo();
    }

    private Agent host(StepContext step) {
        return steps.agents().get(step.input(Input.class).host());
    }

    private static ItemId item(StepContext step) {
        return ItemId.parse(step.target().id());
    }
}
