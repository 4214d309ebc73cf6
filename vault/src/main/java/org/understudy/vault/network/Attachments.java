package org.understudy.vault.network;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.understudy.command.AgentCommand.AdapterAttachment;
import org.understudy.model.HostId;
import org.understudy.model.SiteId;
import org.understudy.model.VirtualNetwork;
import org.understudy.vault.inventory.Site;
import org.understudy.vault.job.Stores;
import org.understudy.vault.protection.ProtectedItem;

/**
 * Where the adapters of items go, from what is mapped and reported now. Nothing of it is stored, so a changed mapping
 * holds at once for every replica (N-04 to N-06).
 */
public final class Attachments {
    private final Stores stores;

    public Attachments(Stores stores) {
        this.stores = stores;
    }

    /** Where each adapter of the item goes after a failover. */
    public List<AdapterAttachment> of(ProtectedItem item) {
        return NetworkMapper.attach(item.machine().adapters(), mappings(item), networks(item));
    }

    /** The mapped networks that the item's target host lacks (N-09). */
    public List<String> missing(ProtectedItem item) {
        return NetworkMapper.missing(item.machine().adapters(), mappings(item), networks(item));
    }

    /** Source network to target network, between the sites of two hosts. */
    public Map<String, String> mappings(HostId source, HostId target) {
        Optional<SiteId> from = stores.sites().of(source).map(Site::id);
        Optional<SiteId> to = stores.sites().of(target).map(Site::id);
        return from.isEmpty() || to.isEmpty() ? Map.of() : stores.mappings().between(from.get(), to.get());
    }

    private Map<String, String> mappings(ProtectedItem item) {
        return mappings(item.route().source(), item.route().target());
    }

    private List<VirtualNetwork> networks(ProtectedItem item) {
        return stores.inventory().networks(item.route().target());
    }
}
