package org.understudy.model;

import java.util.Objects;
import java.util.Optional;

/**
 * A network adapter of a VM.
 *
 * @param index its place among the VM's adapters, from 0
 * @param network the libvirt network it is on; empty when it is on none
 * @param subnet the port group of that network; empty when none is named
 */
public record NetworkAdapter(int index, String macAddress, Optional<String> network, Optional<String> subnet) {
    public NetworkAdapter {
        Objects.requireNonNull(macAddress, "macAddress");
        Objects.requireNonNull(network, "network");
        Objects.requireNonNull(subnet, "subnet");
    }
}
