package org.understudy.vault.failover;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.understudy.command.AgentCommand.AdapterAttachment;
import org.understudy.model.FailureCode;
import org.understudy.model.HostId;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.vault.fleet.Agent;
import org.understudy.vault.inventory.CloudStore;
import org.understudy.vault.inventory.InventoryStore;
import org.understudy.vault.item.Attachments;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.Prerequisites;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.vault.item.ProtectionState;
import org.understudy.vault.item.Relationships;

/** The checks before a reversal: gathers what is known of both hosts and lets the planner judge. */
public final class ReverseChecks {
    private final ItemSteps steps;
    private final FailoverChecks checks;
    private final Relationships relationships;
    private final CloudStore clouds;
    private final InventoryStore inventory;
    private final Attachments attachments;

    public ReverseChecks(ItemSteps steps, FailoverChecks checks, Relationships relationships, CloudStore clouds,
            InventoryStore inventory, Attachments attachments) {
        this.steps = steps;
        this.checks = checks;
        this.relationships = relationships;
        this.clouds = clouds;
        this.inventory = inventory;
        this.attachments = attachments;
    }

    /**
     * What must hold at the host that gets the replica, and where the VM runs.
     *
     * @param host that host; the one from which the VM was failed over when empty
     */
    Prerequisites reverse(ProtectedItem item, Optional<HostId> host) {
        return reverse(item, host, true);
    }

    /** The same as a job begins: the agent there sees the VM itself, and what it told of it last may be of before. */
    Prerequisites reverseBegins(ProtectedItem item, Optional<HostId> host) {
        return reverse(item, host, false);
    }

    /** Whether the VM is defined at the target of an item's next direction, so that its disks there are adopted. */
    boolean adopts(ProtectedItem next) {
        return checks.power(next, steps.targetAgent(next)).isPresent();
    }

    /** Where the adapters of the item go in its next direction. */
    List<AdapterAttachment> attachments(ProtectedItem next) {
        return attachments.of(asItRuns(next));
    }

    /** Its adapters are in the networks of the host where it runs. */
    private ProtectedItem asItRuns(ProtectedItem next) {
        return inventory.machine(next.route().source(), next.machine().vm())
                .map(told -> next.withAdapters(told.machine().adapters())).orElse(next);
    }

    private Prerequisites reverse(ProtectedItem item, Optional<HostId> host, boolean asTold) {
        if (!(item.state() instanceof ProtectionState.RunsAtTarget running)) {
            Prerequisites settled = judged(item, asTold, true);
            host.filter(other -> !other.equals(item.route().target())).ifPresent(other -> settled.failed(
                    "It is reversed to no other host yet", FailureCode.STATE_FORBIDS, "item " + item.name()
                            + " is being reversed to host " + steps.targetAgent(item).name() + " already"));
            return settled;
        }
        ProtectedItem next = item.reversed(running.reverse(), host.orElse(item.route().source()));
        return judged(next, asTold, host.isEmpty() || isPaired(next));
    }

    private boolean isPaired(ProtectedItem next) {
        return clouds.of(next.route().source()).flatMap(from -> clouds.of(next.route().target())
                .map(to -> relationships.join(next, from.id(), to.id()))).orElse(false);
    }

    private Prerequisites judged(ProtectedItem next, boolean asTold, boolean paired) {
        Agent target = steps.targetAgent(next);
        Agent runs = steps.sourceAgent(next);
        Optional<PowerState> power = checks.power(next, target);
        return FailoverPlanner.reverse(new FailoverPlanner.NewTarget(next.name(), target.name(), target.connected(),
                paired, asTold ? power.map(told -> since(next, target, told)) : power.map(_ -> PowerState.SHUT_OFF),
                attachments.missing(asItRuns(next))), runs.name(), runs.connected());
    }

    /**
     * That it runs counts only if it was told since the item came into its state. A host that comes back told before it
     * was lost that the VM runs, which is of before; whether it does now its agent sees as the job begins.
     */
    private PowerState since(ProtectedItem next, Agent target, PowerState told) {
        Instant since = steps.items().changedAt(next.id()).orElse(Instant.MIN);
        boolean ofBefore = inventory.machine(target.id(), next.machine().vm())
                .filter(found -> found.reportedAt().isBefore(since)).isPresent();
        return ofBefore ? PowerState.SHUT_OFF : told;
    }
}
