package org.understudy.api;

import java.util.List;
import org.understudy.model.CloudId;
import org.understudy.model.HostId;
import org.understudy.model.SiteId;

/** A cloud: a named set of hosts of one site. */
public record CloudView(CloudId id, String name, Named<SiteId> site, List<Named<HostId>> hosts) {
    public CloudView {
        hosts = List.copyOf(hosts);
    }
}
