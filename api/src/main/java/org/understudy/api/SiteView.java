package org.understudy.api;

import java.util.List;
import org.understudy.model.HostId;
import org.understudy.model.SiteId;

/** A site: the hosts that fail together (F-06). */
public record SiteView(SiteId id, String name, List<Named<HostId>> hosts) {
    public SiteView {
        hosts = List.copyOf(hosts);
    }
}
