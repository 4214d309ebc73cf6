package org.understudy.vault.item;

import java.time.Clock;
import java.util.Optional;
import java.util.function.Function;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.ItemId;
import org.understudy.vault.fleet.Agent;
import org.understudy.vault.fleet.Agents;
import org.understudy.vault.fleet.Presence;
import org.understudy.workflow.JobTarget;
import org.understudy.workflow.StepContext;
import org.understudy.workflow.StepOutcome;
import org.understudy.workflow.sql.Database;

/** What the steps of all jobs on a protected item have in common: the item, its agents, and the clock. */
public record ItemSteps(Database database, ProtectedItemStore items, Agents agents, Clock clock) {
    /** The kind of target of jobs on an item; the cleaning of its test failover is a target of its own. */
    public static final String ITEM = "item";
    /** The kind of target of a clean-up, which happens while the job of the test waits for it. */
    public static final String TEST = "test-failover";

    private static final StepOutcome DONE = new StepOutcome.Done();

    /** The target of a job on an item. */
    public static JobTarget target(ProtectedItem item) {
        return new JobTarget(ITEM, item.id().toString(), item.name());
    }

    /** The target of a clean-up of its test failover. */
    public static JobTarget testTarget(ProtectedItem item) {
        return new JobTarget(TEST, item.id().toString(), item.name());
    }

    /** The item that a step's job works on, or NOT_FOUND when it is gone. */
    public ProtectedItem item(StepContext step) {
        return items.get(id(step));
    }

    public Agent sourceAgent(ProtectedItem item) {
        return agents.get(item.route().source());
    }

    public Agent targetAgent(ProtectedItem item) {
        return agents.get(item.route().target());
    }

    /**
     * Moves the item along an edge, durably. Nothing when it has arrived already, so that a step may run twice; the
     * refusal STATE_FORBIDS when it is in neither state: somebody else has moved it.
     *
     * @param from the state, or the trait of several, that the edge leaves
     * @param to where it leads
     */
    public <F extends ProtectionState, T extends ProtectionState> StepOutcome move(
            StepContext step, Class<F> from, Class<T> to, Function<F, T> edge) {
        database.transact(() -> {
            ProtectedItem item = items.lock(id(step));
            if (from.isInstance(item.state())) {
                go(item, edge.apply(from.cast(item.state())), "job=" + step.jobId());
            } else if (!to.isInstance(item.state())) {
                throw FailureException.of(FailureCode.STATE_FORBIDS, "item " + item.name() + " is in state "
                        + item.state().name() + ", in which this job cannot go on");
            }
        });
        return DONE;
    }

    /** Moves an item along an edge that a report pulls, durably; in any other state it stays where it is. */
    public <F extends ProtectionState> void follow(
            ItemId item, Class<F> from, Function<F, ? extends ProtectionState> edge, String reason) {
        database.transact(() -> {
            ProtectedItem locked = items.lock(item);
            if (from.isInstance(locked.state())) {
                go(locked, edge.apply(from.cast(locked.state())), reason);
            }
        });
    }

    private void go(ProtectedItem item, ProtectionState next, String reason) {
        if (!next.equals(item.state())) {
            items.replace(item.with(next), item.version(), reason, clock.instant());
        }
    }

    /**
     * What a step that may do without a host does: leave it out when it is known to be gone, wait while nobody knows,
     * and ask it after all, which is the empty answer, when it is there.
     */
    public Optional<StepOutcome> without(StepContext step, Agent agent) {
        return switch (agent.presence()) {
            case Presence.Connected _ -> Optional.empty();
            case Presence.NotKnown _ -> Optional.of(agents.await(step, agent));
            case Presence.Silent _ -> Optional.of(new StepOutcome.Skipped(
                    "host " + agent.name() + " cannot be reached; clean it by hand"));
        };
    }

    /**
     * Ends the protection of an item.
     *
     * @param copy what the target has of the VM: where it runs, the source is told so, also when it comes back later
     */
    public void end(ProtectedItem item, TargetCopy copy, String reason) {
        database.transact(() -> {
            if (copy == TargetCopy.RUNS) {
                new HeldRoleStore(database).outliveItsPart(item, clock.instant());
            }
            items.delete(item, reason);
        });
    }

    /**
     * Turns an item into its next direction. If that goes on without the host that was its source, this one is told so,
     * also when it comes back later. Within the caller's transaction.
     */
    public void turn(ProtectedItem item, ProtectedItem next, String reason) {
        HeldRoleStore roles = new HeldRoleStore(database);
        if (!next.route().target().equals(item.route().source())) {
            roles.outliveItsPart(item, clock.instant());
        }
        roles.hasAPart(next.route().target(), item.machine().vm());
        items.replace(next, item.version(), reason, clock.instant());
    }

    /** The id of the item that a step's job works on. */
    public static ItemId id(StepContext step) {
        return ItemId.parse(step.target().id());
    }
}
