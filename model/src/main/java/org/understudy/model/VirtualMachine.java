package org.understudy.model;

import java.util.List;
import java.util.Objects;

/**
 * A virtual machine as its host's hypervisor describes it now.
 *
 * @param portability what would forbid, or differ, at any other host
 */
public record VirtualMachine(
        VmId id, String name, PowerState power, List<VirtualDisk> disks, List<NetworkAdapter> adapters,
        Portability portability) {
    public VirtualMachine {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(power, "power");
        disks = List.copyOf(disks);
        adapters = List.copyOf(adapters);
        // Absent in what an agent of the first release reported.
        portability = portability == null ? Portability.FULL : portability;
    }

    /** One that any host can run as it is. */
    public VirtualMachine(
            VmId id, String name, PowerState power, List<VirtualDisk> disks, List<NetworkAdapter> adapters) {
        this(id, name, power, disks, adapters, Portability.FULL);
    }

    /**
     * Whether a VM runs. One that crashed and whose process lives still holds its disks, and so is neither paused (it
     * cannot go on) nor shut off.
     */
    public enum PowerState { RUNNING, PAUSED, CRASHED, SHUT_OFF }
}
