package org.understudy.vault.failover;

import java.time.Duration;
import java.util.List;
import org.understudy.api.Operation;
import org.understudy.command.AgentCommand.ReplicaHolds;
import org.understudy.command.CommandOutcome;
import org.understudy.model.RecoveryPoint;
import org.understudy.vault.fleet.Agents;
import org.understudy.vault.http.Role;
import org.understudy.vault.inventory.InventoryStore;
import org.understudy.vault.item.Asked;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.JobSense;
import org.understudy.vault.item.Prerequisites;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.vault.item.ProtectionState;
import org.understudy.vault.item.RelationshipWords;
import org.understudy.vault.item.Relationships;
import org.understudy.vault.job.JobRule;
import org.understudy.vault.operation.ItemOperation;
import org.understudy.vault.operation.NothingAsked;
import org.understudy.vault.operation.Offer;
import org.understudy.workflow.JobType;
import org.understudy.workflow.StepContext;
import org.understudy.workflow.StepOutcome;
import org.understudy.workflow.StepType;

/**
 * The job "Reverse replicate" (RR-01): a VM that was failed over replicates back to the host that it came from, whose
 * disks become the replica's where they lie. Begun by itself behind a planned failover (PF-03).
 *
 * <p>The next direction is durable before its source begins; until then the item stands as it stood. Each step finds
 * out from the item how far an earlier job came.
 */
public final class ReverseReplicateJob implements ItemOperation<NothingAsked, ReverseReplicateJob.Input> {
    public static final String NAME = "Reverse replicate";

    /** The disks of a VM that is off may have to become its own first, which copies them. */
    private static final Duration PATIENCE = Duration.ofMinutes(30);
    private static final StepOutcome DONE = new StepOutcome.Done();
    /** Note: what the disks of the new target hold. */
    private static final String BASE = "base";
    private static final String THROUGH = "it is protected in this direction already";

    private final ItemSteps steps;
    private final FailoverChecks checks;
    private final Relationships relationships;
    private final InventoryStore inventory;

    public ReverseReplicateJob(
            ItemSteps steps, FailoverChecks checks, Relationships relationships, InventoryStore inventory) {
        this.inventory = inventory;
        this.steps = steps;
        this.checks = checks;
        this.relationships = relationships;
    }

    /** Nothing is asked. */
    public record Input() {}

    @Override
    public Offer<NothingAsked> offer() {
        return Offer.of(Operation.REVERSE_REPLICATE, Role.OPERATOR);
    }

    @Override
    public Input input(ProtectedItem item, Asked<NothingAsked> asked) {
        return new Input();
    }

    @Override
    public Prerequisites checks(ProtectedItem item, Input input) {
        return checks.reverse(item);
    }

    @Override
    public List<String> actions(ProtectedItem item, Input input) {
        ProtectedItem next = next(item);
        String old = steps.targetAgent(next).name();
        String runs = steps.sourceAgent(next).name();
        return List.of(
                "make the disks of virtual machine " + item.name() + " on host " + old + ", where they lie, those of "
                        + "its replica; what they hold and is nowhere else stays a recovery point until it is let go",
                "replicate virtual machine " + item.name() + " from host " + runs + " to host " + old
                        + ": only what differs is sent");
    }

    @Override
    public JobRule rule(JobSense sense) {
        return new JobRule(NAME, offer().role(), sense.whileAllowed(offer().operation()));
    }

    @Override
    public JobType job() {
        return new JobType(NAME, List.of(
                StepType.cancellable("prerequisites", "Prerequisites check for reverse replication",
                        this::prerequisites),
                StepType.cancellable("adopt", "Preparing the old source as the target", this::adopt),
                StepType.of("direction", "Changing the direction", this::turn),
                StepType.cancellable("start", "Starting reverse replication", this::start)));
    }

    private StepOutcome prerequisites(StepContext step) {
        checks.reverseBegins(steps.item(step)).require(steps.clock().instant());
        return DONE;
    }

    /** The old source accepts segments before the new one sends the first. */
    private StepOutcome adopt(StepContext step) {
        ProtectedItem item = steps.item(step);
        if (isThrough(item)) {
            return new StepOutcome.Skipped(THROUGH);
        }
        RelationshipWords words = relationships.words(next(item));
        return steps.agents().ask(step, new Agents.Call(
                step.command(), words.target(), words.adopt(point(item).position()), PATIENCE), outcome -> {
                    boolean equal = outcome instanceof CommandOutcome.Finished;
                    step.notes().put(BASE, (equal ? ReplicaHolds.EQUAL : ReplicaHolds.UNKNOWN).name());
                    step.says(equal ? "its disks hold what the virtual machine was started from"
                            : "what its disks hold is found out by comparing them");
                    return DONE;
                });
    }

    private StepOutcome turn(StepContext step) {
        steps.database().transact(() -> {
            ProtectedItem item = steps.items().lock(ItemSteps.id(step));
            if (item.state() instanceof ProtectionState.RunsAtTarget running) {
                steps.items().replace(item.reversed(running.reverse()), item.version(), "job=" + step.jobId(),
                        steps.clock().instant());
                // Its adapters are in the networks of this host now; reports of it counted for nothing until here.
                inventory.machine(item.route().target(), item.machine().vm()).ifPresent(told ->
                        steps.items().machinesChanged(item.route().target(), List.of(told.machine())));
            }
        });
        return DONE;
    }

    private StepOutcome start(StepContext step) {
        ProtectedItem item = steps.item(step);
        if (!step.notes().has(BASE) && isThrough(item)) {
            return new StepOutcome.Skipped(THROUGH);
        }
        RelationshipWords words = relationships.words(item);
        return steps.agents().ask(step, new Agents.Call(step.command(), words.source(),
                words.startFrom(ReplicaHolds.valueOf(step.notes().get(BASE).asText()))), done -> {
                    steps.items().told(item.relationship(), words.changeable());
                    return DONE;
                });
    }

    /** What an earlier job of this kind began came to its end by itself, while this one was under way. */
    private static boolean isThrough(ProtectedItem item) {
        return item.state() instanceof ProtectionState.Replicates
                && !(item.state() instanceof ProtectionState.Reversing);
    }

    /** The item as it is once it is reversed. */
    private static ProtectedItem next(ProtectedItem item) {
        return item.state() instanceof ProtectionState.RunsAtTarget running ? item.reversed(running.reverse()) : item;
    }

    private static RecoveryPoint point(ProtectedItem item) {
        return switch (item.state()) {
            case ProtectionState.RunsAtTarget running -> running.point();
            case ProtectionState.Reversing reversing -> reversing.point();
            case ProtectionState.Replicates _, ProtectionState.Passing _ -> throw new IllegalStateException(
                    "item " + item.name() + " is in state " + item.state().name() + " and was not failed over");
        };
    }
}
