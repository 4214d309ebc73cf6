package org.understudy.hypervisor;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.understudy.model.DiskName;
import org.understudy.model.ItemId;
import org.understudy.model.Portability;

/**
 * How a VM will be defined at a host that is not its own, what differs there, and what forbids it. Pure: what a test
 * failover, a failover and the look beforehand all execute.
 *
 * <p>The machine is built from elements that are known ({@link KnownElements}); nothing of the host is opened because
 * the definition names it. Hostile definitions are planned like any other.
 *
 * @param machine to define, if there is no obstacle
 * @param placement what its firmware and TPM are to find at its first start
 */
public record MachinePlan(MachineDefinition machine, Portability portability, FirmwarePlacement placement) {
    private static final Path NOWHERE = Path.of("/nowhere");

    public MachinePlan {
        Objects.requireNonNull(machine, "machine");
        Objects.requireNonNull(portability, "portability");
        Objects.requireNonNull(placement, "placement");
    }

    /** One of a VM whose firmware and TPM begin with what the host has. */
    public MachinePlan(MachineDefinition machine, Portability portability) {
        this(machine, portability, FirmwarePlacement.none(machine.id()));
    }

    /**
     * Plans a machine.
     *
     * @param carried the VM at its point
     * @throws IllegalArgumentException for a definition that is no domain XML
     */
    public static MachinePlan of(CarriedMachine carried, MachineRequest request, TargetCapabilities capabilities) {
        XmlDocument draft = XmlDocument.parse(carried.definition().xml());
        CarriedFirmware firmware = CarriedFirmware.of(carried, draft, request, capabilities);
        PlanNotes notes = new PlanNotes();
        IdentityPlan.apply(draft, request, notes);
        ProcessorPlan.apply(draft, capabilities, notes);
        FirmwarePlan.apply(draft, firmware, capabilities, notes);
        DiskPlan.apply(draft, request, capabilities, notes);
        AdapterPlan.apply(draft, request.connections(), capabilities, notes);
        DevicePlan.apply(draft, capabilities, notes);
        ModulePlan.apply(draft, firmware, capabilities, notes);
        CharacterDevicePlan.apply(draft, capabilities, notes);
        XmlDocument built = KnownElements.copy(draft, notes.paths(), notes::warning);
        IdentityPlan.keepKindOfSystem(draft, built);
        return new MachinePlan(new MachineDefinition(built.text()).forItem(request.item()), notes.portability(),
                firmware.placement(notes.placed()));
    }

    /** Of a VM of which nobody has said yet what its firmware keeps. */
    public static MachinePlan of(
            MachineDefinition definition, MachineRequest request, TargetCapabilities capabilities) {
        return of(CarriedMachine.of(definition), request, capabilities);
    }

    /** The same with more that forbids or differs. */
    MachinePlan with(Portability more) {
        return new MachinePlan(machine, portability.and(more), placement);
    }

    /** The same VM with a note of the role that it has at its host. */
    public MachinePlan withRole(String role) {
        return new MachinePlan(machine.withRole(role), portability, placement);
    }

    /** The same VM without its devices of a kind. */
    MachinePlan without(String kind) {
        return new MachinePlan(machine.without(kind), portability, placement);
    }

    /** What any other host would make of a VM whose disks that can be replicated are replicated. */
    public static Portability anywhere(MachineDefinition definition) {
        Map<DiskName, Path> disks = new HashMap<>();
        definition.hardDisks().stream().filter(disk -> !disk.readOnly())
                .forEach(disk -> disks.put(disk.name(), NOWHERE.resolve(disk.name().value())));
        MachineRequest request = new MachineRequest(ItemId.random(), definition.id(), definition.name(),
                UUID.randomUUID(), disks, MachineRequest.Connections.all(Optional.empty()));
        Portability planned = of(definition, request, TargetCapabilities.unknown(definition.type())).portability();
        return definition.tooLong().map(planned::withObstacle).orElse(planned);
    }
}
