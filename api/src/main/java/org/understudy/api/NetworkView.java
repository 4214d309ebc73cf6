package org.understudy.api;

import java.util.List;
import org.understudy.model.HostId;
import org.understudy.model.SiteId;

/**
 * A network of a site: networks of one name on the site's hosts are one.
 *
 * @param subnets in the order of the definition; the first is the fallback of the subnet rule (N-07)
 * @param hosts those that can reach it, which bounds placement (N-09)
 */
public record NetworkView(Named<SiteId> site, String name, boolean active, List<String> subnets,
        List<Named<HostId>> hosts) {
    public NetworkView {
        subnets = List.copyOf(subnets);
        hosts = List.copyOf(hosts);
    }
}
