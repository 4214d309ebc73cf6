package org.understudy.hypervisor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.understudy.hypervisor.MachineRequest.Connections;
import org.understudy.model.VmId;

/** The zoo as it is planned for a host that is there. */
public final class ZooOnLibvirt {
    private ZooOnLibvirt() {}

    /** One of its VMs. */
    public record Planned(String kind, MachinePlan plan) {}

    public static List<Planned> plans(Hypervisor host) throws IOException {
        List<Planned> plans = new ArrayList<>();
        for (Zoo.Animal animal : Zoo.animals()) {
            MachineRequest usual = Zoo.failover(animal.definition());
            MachineRequest request = new MachineRequest(usual.item(), VmId.random(),
                    "zoo-" + UUID.randomUUID(), usual.incarnation(), usual.disks(), Connections.mapped(Map.of()));
            plans.add(new Planned(animal.kind(), new MachineFitter(host).fit(
                    CarriedMachine.of(animal.definition()), request, host.capabilities(animal.definition()))));
        }
        return plans;
    }
}
