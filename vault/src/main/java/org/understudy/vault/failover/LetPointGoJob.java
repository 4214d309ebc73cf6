package org.understudy.vault.failover;

import java.util.List;
import java.util.Optional;
import org.understudy.api.LetPointGoRequest;
import org.understudy.api.Operation;
import org.understudy.command.AgentCommand;
import org.understudy.command.CommandOutcome;
import org.understudy.command.PointChoice;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;
import org.understudy.vault.fleet.Agent;
import org.understudy.vault.fleet.Agents;
import org.understudy.vault.http.Role;
import org.understudy.vault.item.Asked;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.KeptPoints;
import org.understudy.vault.item.Prerequisites;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.vault.operation.ItemOperation;
import org.understudy.vault.operation.Offer;
import org.understudy.workflow.JobType;
import org.understudy.workflow.StepContext;
import org.understudy.workflow.StepOutcome;
import org.understudy.workflow.StepType;

/**
 * The job "Let a kept point go": what an old source held when its disks became a replica's, and is nowhere else, is
 * kept until a person names it here. Then it goes as other points do: by the retention, a commit or a removal.
 */
public final class LetPointGoJob implements ItemOperation<LetPointGoRequest, LetPointGoJob.Input> {
    public static final String NAME = "Let a kept point go";

    private final ItemSteps steps;
    private final KeptPoints kept;

    public LetPointGoJob(ItemSteps steps, KeptPoints kept) {
        this.steps = steps;
        this.kept = kept;
    }

    /** What was asked. */
    public record Input(LogPosition letGo) {}

    @Override
    public Offer<LetPointGoRequest> offer() {
        return new Offer<>(Operation.LET_POINT_GO, Role.OPERATOR, LetPointGoRequest.class);
    }

    @Override
    public Input input(ProtectedItem item, Asked<LetPointGoRequest> asked) {
        PointChoice choice = PointWords.point(Optional.ofNullable(asked.request().point()).or(() -> Optional.of("")));
        return switch (choice) {
            case PointChoice.Custom(LogPosition position) -> new Input(position);
            case PointChoice.Latest _, PointChoice.LatestProcessed _, PointChoice.LatestApplicationConsistent _ ->
                    throw PointWords.noPoint(asked.request().point());
        };
    }

    @Override
    public Prerequisites checks(ProtectedItem item, Input input) {
        return kept.check(item, input.letGo());
    }

    @Override
    public List<String> actions(ProtectedItem item, Input input) {
        return List.of("let recovery point " + input.letGo() + " of item " + item.name() + " on host "
                + kept.holder(item, input.letGo()).name() + " go, as the retention or a commit will have it: what"
                + " virtual machine " + item.name() + " had written there by then and is nowhere else is lost then");
    }

    @Override
    public Optional<String> audited(LetPointGoRequest request) {
        return Optional.of("point " + request.point());
    }

    @Override
    public JobType job() {
        return new JobType(NAME, List.of(StepType.cancellable("let-go", "Letting the point go", this::letGo)));
    }

    private StepOutcome letGo(StepContext step) {
        ProtectedItem item = steps.item(step);
        LogPosition point = step.input(Input.class).letGo();
        Agent holder = kept.holder(item, point);
        return steps.agents().ask(step, new Agents.Call(step.command(), holder, new AgentCommand.LetPointGo(
                new RelationshipId(item.id(), point.generation()), point)), LetPointGoJob::gone);
    }

    /** One that somebody let go before is gone, which was wanted; it is said all the same. */
    private static StepOutcome gone(CommandOutcome outcome) {
        return outcome instanceof CommandOutcome.Done done && done.note().isPresent()
                ? new StepOutcome.Skipped(done.note().get()) : new StepOutcome.Done();
    }
}
