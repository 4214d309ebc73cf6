package org.understudy.vault.failover;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.understudy.api.Operation;
import org.understudy.api.ReverseRequest;
import org.understudy.command.AgentCommand;
import org.understudy.command.AgentCommand.ReplicaHolds;
import org.understudy.command.CommandOutcome;
import org.understudy.model.ByteCount;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.RecoveryPoint;
import org.understudy.vault.fleet.Agent;
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
import org.understudy.vault.item.TargetLook;
import org.understudy.vault.job.JobRule;
import org.understudy.vault.operation.ItemOperation;
import org.understudy.vault.operation.Offer;
import org.understudy.workflow.JobType;
import org.understudy.workflow.StepContext;
import org.understudy.workflow.StepOutcome;
import org.understudy.workflow.StepType;

/**
 * The job "Reverse replicate" (RR-01): a VM that was failed over replicates back to the host that it came from, or to
 * another of that cloud. Where the VM is defined there its disks become the replica's where they lie; else a replica is
 * made. Begun by itself behind a planned failover (PF-03).
 *
 * <p>The next direction is durable before its source begins; until then the item stands as it stood. Each step finds
 * out from the item how far an earlier job came.
 */
public final class ReverseReplicateJob implements ItemOperation<ReverseRequest, ReverseReplicateJob.Input> {
    public static final String NAME = "Reverse replicate";

    /** The disks of a VM that is off may have to become its own first, which copies them. */
    private static final Duration PATIENCE = Duration.ofMinutes(30);
    private static final StepOutcome DONE = new StepOutcome.Done();
    /** Note: what the disks of the new target hold. */
    private static final String BASE = "base";
    private static final String THROUGH = "it is protected in this direction already";

    private final ItemSteps steps;
    private final ReverseChecks checks;
    private final Relationships relationships;
    private final InventoryStore inventory;
    private final TargetLook look;

    public ReverseReplicateJob(
            ItemSteps steps, ReverseChecks checks, Relationships relationships, InventoryStore inventory) {
        this.inventory = inventory;
        this.steps = steps;
        this.checks = checks;
        this.relationships = relationships;
        this.look = new TargetLook(steps);
    }

    /**
     * What was asked.
     *
     * @param host the one that gets the replica; that from which the VM was failed over when empty
     */
    public record Input(Optional<HostId> host) {
        public Input {
            host = Objects.requireNonNullElse(host, Optional.empty());
        }
    }

    @Override
    public Offer<ReverseRequest> offer() {
        return new Offer<>(Operation.REVERSE_REPLICATE, Role.OPERATOR, ReverseRequest.class);
    }

    @Override
    public Input input(ProtectedItem item, Asked<ReverseRequest> asked) {
        return new Input(asked.request().host().map(steps.agents()::named).map(Agent::id));
    }

    @Override
    public Optional<String> audited(ReverseRequest request) {
        return request.host().map(host -> "to host " + host);
    }

    @Override
    public Prerequisites checks(ProtectedItem item, Input input) {
        return checks.reverse(item, input.host());
    }

    @Override
    public List<String> actions(ProtectedItem item, Input input) {
        ProtectedItem next = next(item, input);
        String to = steps.targetAgent(next).name();
        String runs = steps.sourceAgent(next).name();
        return checks.adopts(next)
                ? List.of("make the disks of virtual machine " + item.name() + " on host " + to + ", where they lie, "
                                + "those of its replica; what they hold and is nowhere else stays a recovery point "
                                + "until it is let go",
                        "replicate virtual machine " + item.name() + " from host " + runs + " to host " + to
                                + ": only what differs is sent")
                : List.of("make a new replica of virtual machine " + item.name() + " on host " + to
                                + ", where the virtual machine is not defined",
                        "replicate virtual machine " + item.name() + " from host " + runs + " to host " + to
                                + ": all that its disks hold is sent, of " + size(next));
    }

    private static ByteCount size(ProtectedItem item) {
        return new ByteCount(item.machine().disks().stream().mapToLong(disk -> disk.size().bytes()).sum());
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
        ProtectedItem item = steps.item(step);
        checks.reverseBegins(item, step.input(Input.class).host()).require(steps.clock().instant());
        ProtectedItem next = next(item, step.input(Input.class));
        // Nothing that forbids the VM there may be found out only when it is needed; one that is defined there ran.
        return isThrough(item) || checks.adopts(next) ? DONE : look.atSource(step, next, checks.attachments(next));
    }

    /** The new target accepts segments before the new source sends the first. */
    private StepOutcome adopt(StepContext step) {
        ProtectedItem item = steps.item(step);
        if (isThrough(item)) {
            return new StepOutcome.Skipped(THROUGH);
        }
        ProtectedItem next = next(item, step.input(Input.class));
        RelationshipWords words = relationships.words(next);
        boolean adopts = checks.adopts(next);
        return steps.agents().ask(step, new Agents.Call(step.command(), words.target(),
                adopts ? words.adopt(point(item).position()) : words.prepare(), PATIENCE), outcome -> {
                    boolean equal = outcome instanceof CommandOutcome.Finished;
                    // Also of a new replica: one that an earlier job made may hold something, and holes cost nothing.
                    step.notes().put(BASE, (equal ? ReplicaHolds.EQUAL : ReplicaHolds.UNKNOWN).name());
                    step.says(equal ? "its disks hold what the virtual machine was started from"
                            : adopts ? "what its disks hold is found out by comparing them"
                                    : "a new replica was made, of " + size(next));
                    return DONE;
                });
    }

    private StepOutcome turn(StepContext step) {
        steps.database().transact(() -> {
            ProtectedItem item = steps.items().lock(ItemSteps.id(step));
            if (item.state() instanceof ProtectionState.RunsAtTarget) {
                ProtectedItem next = next(item, step.input(Input.class));
                steps.turn(item, next, "job=" + step.jobId());
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
                    return endAtOldSource(step, item);
                });
    }

    /** A host that goes on as the target ends it by itself; another one is told to, if it is there. */
    private StepOutcome endAtOldSource(StepContext step, ProtectedItem item) {
        Optional<Agent> old = steps.items().directions(item.id()).stream()
                .filter(direction -> direction.id().equals(item.relationshipBefore()))
                .flatMap(direction -> direction.source().stream())
                .filter(host -> !host.equals(item.route().target())).findFirst().map(steps.agents()::get);
        if (old.isEmpty()) {
            return DONE;
        }
        String stays = "what replication left on host " + old.get().name() + " stays there";
        if (!old.get().connected()) {
            step.says(stays + ": it cannot be reached");
            return DONE;
        }
        try {
            return steps.agents().ask(step, new Agents.Call(step.command("old"), old.get(),
                    new AgentCommand.StopReplication(item.relationshipBefore())), _ -> DONE);
        } catch (FailureException e) {
            step.says(stays + ": " + e.failure().message());
            return DONE;
        }
    }

    /** What an earlier job of this kind began came to its end by itself, while this one was under way. */
    private static boolean isThrough(ProtectedItem item) {
        return item.state() instanceof ProtectionState.Replicates
                && !(item.state() instanceof ProtectionState.Reversing);
    }

    /** The item as it is once it is reversed. */
    private static ProtectedItem next(ProtectedItem item, Input input) {
        return item.state() instanceof ProtectionState.RunsAtTarget running
                ? item.reversed(running.reverse(), input.host().orElse(item.route().source())) : item;
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
