package org.understudy.vault.protection;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.understudy.model.HostId;
import org.understudy.model.VirtualNetwork;
import org.understudy.vault.fleet.Agent;
import org.understudy.vault.fleet.Agents;
import org.understudy.vault.inventory.Cloud;
import org.understudy.vault.inventory.InventoryStore;
import org.understudy.vault.item.Attachments;
import org.understudy.vault.item.ProtectedItemStore;
import org.understudy.vault.network.PlacementPlanner.Candidate;

/** The hosts of a cloud as places for a replica, with what their agents reported last. */
public record TargetCandidates(
        Agents agents, InventoryStore inventory, ProtectedItemStore items, Attachments attachments) {
    ProtectPlanner.Target of(Cloud cloud, HostId source, Optional<String> wanted) {
        List<Candidate> candidates = cloud.hosts().stream().map(this::candidate).toList();
        return new ProtectPlanner.Target(
                cloud.name(), candidates, attachments.mappings(source, cloud.site()), wanted);
    }

    private Candidate candidate(HostId host) {
        Agent agent = agents.get(host);
        Set<String> networks = inventory.networks(host).stream()
                .map(VirtualNetwork::name).collect(Collectors.toSet());
        return new Candidate(host, agent.name(), agent.connected(), networks, items.replicas(host));
    }
}
