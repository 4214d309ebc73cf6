package org.understudy.model;

import java.util.List;
import java.util.Objects;

/**
 * A network that VMs of a host can be connected to: a libvirt network.
 *
 * @param subnets its port groups, in the order of its definition; the first is the fallback of the subnet rule (N-07)
 */
public record VirtualNetwork(String name, boolean active, List<String> subnets) {
    public VirtualNetwork {
        Objects.requireNonNull(name, "name");
        subnets = List.copyOf(subnets);
    }
}
