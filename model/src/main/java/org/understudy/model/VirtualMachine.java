package org.understudy.model;

import java.util.List;
import java.util.Objects;

/** A virtual machine as its host's hypervisor describes it now. */
public record VirtualMachine(
        VmId id, String name, PowerState power, List<VirtualDisk> disks, List<NetworkAdapter> adapters) {
    public VirtualMachine {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(power, "power");
        disks = List.copyOf(disks);
        adapters = List.copyOf(adapters);
    }

    /** Whether a VM runs. A crashed VM counts as shut off. */
    public enum PowerState { RUNNING, PAUSED, SHUT_OFF }
}
