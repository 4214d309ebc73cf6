package org.understudy.vault.inventory;

import org.understudy.model.HostId;
import org.understudy.model.VirtualNetwork;

/** A network as a host reported it last. */
public record ReportedNetwork(HostId host, VirtualNetwork network) {}
