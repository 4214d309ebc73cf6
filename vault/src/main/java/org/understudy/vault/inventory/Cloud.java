package org.understudy.vault.inventory;

import java.util.List;
import org.understudy.model.CloudId;
import org.understudy.model.HostId;
import org.understudy.model.SiteId;

/** A cloud: a named set of hosts of one site. */
public record Cloud(CloudId id, String name, SiteId site, List<HostId> hosts) {
    public Cloud {
        hosts = List.copyOf(hosts);
    }
}
