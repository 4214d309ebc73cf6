package org.understudy.vault.failover;

import java.util.List;
import java.util.Optional;
import org.understudy.command.AgentReport.TargetProgress;
import org.understudy.command.TestNetwork;
import org.understudy.model.VirtualNetwork;
import org.understudy.vault.fleet.Agent;
import org.understudy.vault.fleet.Presence;
import org.understudy.vault.inventory.InventoryStore;
import org.understudy.vault.item.Attachments;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.Prerequisites;
import org.understudy.vault.item.ProgressStore;
import org.understudy.vault.item.ProtectedItem;

/** The checks before a failover or a test of it: gathers the facts of an item and lets the planner judge them. */
public final class FailoverChecks {
    private final ItemSteps steps;
    private final InventoryStore inventory;
    private final ProgressStore progress;
    private final Attachments attachments;

    public FailoverChecks(
            ItemSteps steps, InventoryStore inventory, ProgressStore progress, Attachments attachments) {
        this.steps = steps;
        this.inventory = inventory;
        this.progress = progress;
        this.attachments = attachments;
    }

    Prerequisites test(ProtectedItem item, TestFailoverJob.Input input) {
        Optional<String> missing = input.network() instanceof TestNetwork.Existing(String network)
                && inventory.networks(item.route().target()).stream()
                        .map(VirtualNetwork::name).noneMatch(network::equals)
                ? Optional.of(network) : Optional.empty();
        return FailoverPlanner.test(facts(item), input.point(), missing);
    }

    Prerequisites failover(ProtectedItem item, FailoverJob.Input input) {
        Agent source = steps.sourceAgent(item);
        return FailoverPlanner.failover(facts(item), input.point(), new FailoverPlanner.Source(
                item.name(), source.name(), !(source.presence() instanceof Presence.Silent),
                inventory.machine(source.id(), item.machine().vm()).map(found -> found.machine().power()),
                input.shutDownSource(), input.forced()));
    }

    private FailoverPlanner.Facts facts(ProtectedItem item) {
        Agent target = steps.targetAgent(item);
        return new FailoverPlanner.Facts(item.name(), target.name(), target.connected(),
                progress.of(item.id()).target().map(TargetProgress::points).orElse(List.of()),
                attachments.missing(item));
    }
}
