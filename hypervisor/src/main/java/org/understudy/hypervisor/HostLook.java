package org.understudy.hypervisor;

import java.util.List;
import org.understudy.model.Failure;
import org.understudy.model.VirtualMachine;

/**
 * What a hypervisor could say of its VMs within a moment.
 *
 * @param machines those that could be read, or that could be read before and are still there
 * @param troubles one for each VM that could not be read now
 * @param connection which connection to the hypervisor it was; another number after the hypervisor was restarted
 */
public record HostLook(List<VirtualMachine> machines, List<Failure> troubles, int connection) {
    public HostLook {
        machines = List.copyOf(machines);
        troubles = List.copyOf(troubles);
    }
}
