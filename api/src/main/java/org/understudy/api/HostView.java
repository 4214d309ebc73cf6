package org.understudy.api;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.understudy.model.CloudId;
import org.understudy.model.HostFact;
import org.understudy.model.HostId;
import org.understudy.model.SiteId;

/**
 * A host: a hypervisor with an agent (F-07).
 *
 * @param connected whether it reported within the heartbeat's time
 * @param address where other agents reach its replication port
 * @param facts what its agent found when it looked at its host last; empty while it has not
 * @param anew when it was set up anew and nobody has confirmed that it is the same machine
 */
public record HostView(
        HostId id, String name, Optional<Named<SiteId>> site, Optional<Named<CloudId>> cloud, boolean connected,
        Optional<Instant> lastHeartbeat, String address, int port, String version, List<HostFact> facts,
        Optional<HostAnewView> anew) {}
