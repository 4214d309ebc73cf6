package org.understudy.hypervisor;

import java.io.IOException;
import java.util.List;
import org.understudy.model.Portability;

/**
 * Plans a machine for a host and asks the host itself about the plan: what a guest can do without and the host's
 * hypervisor does not know (a newer kind of watchdog) is left out by name, one after the other; what remains refused is
 * an obstacle in the hypervisor's own words. Nothing is changed on the host.
 */
public final class MachineFitter {
    /** Devices that hold no data and that no guest needs to start, the least missed first. */
    private static final List<String> SPARE =
            List.of("watchdog", "sound", "audio", "panic", "memballoon", "vsock", "rng", "crypto", "iommu");

    private final Hypervisor hypervisor;

    public MachineFitter(Hypervisor hypervisor) {
        this.hypervisor = hypervisor;
    }

    /** The plan as the host accepts it, or with every obstacle that is known. */
    public MachinePlan fit(CarriedMachine carried, MachineRequest request, TargetCapabilities capabilities)
            throws IOException {
        MachinePlan plan = MachinePlan.of(carried, request, capabilities);
        List<String> refusals = hypervisor.refusals(plan.machine());
        if (refusals.isEmpty() || !plan.portability().obstacles().isEmpty()) {
            return plan.with(new Portability(refusals, List.of()));
        }
        MachinePlan lighter = plan;
        for (String kind : SPARE) {
            if (!lighter.machine().has(kind)) {
                continue;
            }
            lighter = lighter.without(kind).with(new Portability(
                    List.of(), List.of("Its " + kind + " device is not offered by the host: the VM is without it.")));
            if (hypervisor.refusals(lighter.machine()).isEmpty()) {
                return lighter;
            }
        }
        return plan.with(new Portability(refusals, List.of()));
    }
}
