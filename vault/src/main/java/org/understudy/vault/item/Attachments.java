package org.understudy.vault.item;

import java.util.List;
import java.util.Map;
import org.understudy.command.AgentCommand.AdapterAttachment;
import org.understudy.model.HostId;
import org.understudy.model.SiteId;
import org.understudy.model.VirtualNetwork;
import org.understudy.vault.inventory.InventoryStore;
import org.understudy.vault.inventory.SiteStore;
import org.understudy.vault.network.NetworkMapper;
import org.understudy.vault.network.NetworkMappingStore;

/**
 * Where the adapters of items go, from what is mapped and reported now. Nothing of it is stored, so a changed mapping
 * holds at once for every replica (N-04 to N-06).
 */
public final class Attachments {
    private final SiteStore sites;
    private final NetworkMappingStore mappings;
    private final InventoryStore inventory;

    public Attachments(SiteStore sites, NetworkMappingStore mappings, InventoryStore inventory) {
        this.sites = sites;
        this.mappings = mappings;
        this.inventory = inventory;
    }

    /** Where each adapter of the item goes after a failover. */
    public List<AdapterAttachment> of(ProtectedItem item) {
        return NetworkMapper.attach(item.machine().adapters(), mappings(item), networks(item));
    }

    /** The mapped networks that the item's target host lacks (N-09). */
    public List<String> missing(ProtectedItem item) {
        return NetworkMapper.missing(item.machine().adapters(), mappings(item), networks(item));
    }

    /** Source network to target network, from the site of a host to another site. */
    public Map<String, String> mappings(HostId source, SiteId target) {
        return sites.of(source).map(from -> NetworkMapper.bothWays(
                mappings.between(from.id(), target), mappings.between(target, from.id()))).orElse(Map.of());
    }

    /** Whether some network of production is mapped to that one of the item's target site. */
    public boolean isMappedTo(ProtectedItem item, String network) {
        return sites.of(item.route().target()).map(site -> mappings.list().stream().anyMatch(mapping ->
                mapping.targetSite().equals(site.id()) && mapping.targetNetwork().equals(network))).orElse(false);
    }

    private Map<String, String> mappings(ProtectedItem item) {
        return sites.of(item.route().target())
                .map(target -> mappings(item.route().source(), target.id())).orElse(Map.of());
    }

    private List<VirtualNetwork> networks(ProtectedItem item) {
        return inventory.networks(item.route().target());
    }
}
