package org.understudy.vault.protection;

import java.util.List;
import org.understudy.api.Operation;
import org.understudy.api.PauseRequest;
import org.understudy.command.AgentCommand;
import org.understudy.command.CommandOutcome;
import org.understudy.vault.fleet.Agents;
import org.understudy.vault.http.Role;
import org.understudy.vault.item.Asked;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.vault.operation.ItemOperation;
import org.understudy.vault.operation.Offer;
import org.understudy.workflow.JobType;
import org.understudy.workflow.StepContext;
import org.understudy.workflow.StepOutcome;
import org.understudy.workflow.StepType;

/**
 * The job "Pause replication": the source begins no cycle any more, so that somebody has the VM alone. It ends when no
 * point in time is open; that it is paused, and by whom, is in the item's health until it is resumed.
 */
public final class PauseReplicationJob implements ItemOperation<PauseRequest, PauseReplicationJob.Input> {
    public static final String NAME = "Pause replication";

    private final ItemSteps steps;

    public PauseReplicationJob(ItemSteps steps) {
        this.steps = steps;
    }

    /**
     * What was asked.
     *
     * @param by who asked
     * @param release take our checkpoints and bitmaps off the VM as well
     */
    public record Input(String by, boolean release) {}

    @Override
    public Offer<PauseRequest> offer() {
        return new Offer<>(Operation.PAUSE_REPLICATION, Role.OPERATOR, PauseRequest.class);
    }

    @Override
    public Input input(ProtectedItem item, Asked<PauseRequest> asked) {
        return new Input(asked.actor(), asked.request().release().orElse(false));
    }

    @Override
    public List<String> actions(ProtectedItem item, Input input) {
        String host = steps.sourceAgent(item).name();
        String pause = "begin no cycle of item " + item.name() + " on host " + host + " until it is resumed";
        return input.release() ? List.of(pause, "take our checkpoints and bitmaps off virtual machine " + item.name()
                + "; the next cycle covers its disks anew") : List.of(pause);
    }

    @Override
    public JobType job() {
        return new JobType(NAME, List.of(StepType.cancellable("pause", "Pausing replication", this::pause)));
    }

    private StepOutcome pause(StepContext step) {
        ProtectedItem item = steps.item(step);
        Input input = step.input(Input.class);
        return steps.agents().ask(step, new Agents.Call(step.command(), steps.sourceAgent(item),
                new AgentCommand.PauseReplication(item.relationship(), input.by(), input.release())),
                PauseReplicationJob::paused);
    }

    /** It is paused in any case; but a checkpoint that could not be taken away is said, and is not a success. */
    private static StepOutcome paused(CommandOutcome outcome) {
        return outcome instanceof CommandOutcome.Done done && done.note().isPresent()
                ? new StepOutcome.Skipped("it is paused; " + done.note().get()) : new StepOutcome.Done();
    }
}
