package org.understudy.agent.target;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.command.AgentCommand.AdapterAttachment;
import org.understudy.command.AgentCommand.CheckMachine;
import org.understudy.command.TestNetwork;
import org.understudy.hypervisor.CarriedMachine;
import org.understudy.hypervisor.FirmwareBundle;
import org.understudy.hypervisor.FirmwarePlacement;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.hypervisor.MachineFitter;
import org.understudy.hypervisor.MachinePlan;
import org.understudy.hypervisor.MachineRequest;
import org.understudy.hypervisor.MachineRequest.Connection;
import org.understudy.hypervisor.MachineRequest.Connections;
import org.understudy.hypervisor.TargetCapabilities;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.model.Portability;
import org.understudy.replica.Replica;
import org.understudy.replica.ReplicaDisk;

/**
 * Plans VMs for this host from the definitions that their sources told: for a look beforehand, a test and a failover
 * alike. Changes nothing on the host.
 */
public final class TargetPlanner {
    private static final Logger LOG = LoggerFactory.getLogger(TargetPlanner.class);
    /** Disks of a machine that is only looked at. */
    private static final Path NOT_MADE_YET = Path.of("/var/lib/understudy/not-made-yet");

    private final Hypervisor hypervisor;
    private final MachineFitter fitter;
    private final BootFolder boot;

    public TargetPlanner(Hypervisor hypervisor, BootFolder boot) {
        this.hypervisor = hypervisor;
        this.fitter = new MachineFitter(hypervisor);
        this.boot = boot;
    }

    /** The names of the files from which this host's VMs may begin; none when they cannot be listed. */
    Set<String> bootFiles() {
        try {
            return Set.copyOf(boot.files().keySet());
        } catch (IOException e) {
            return Set.of();
        }
    }

    /** The plan; its obstacles are not thrown, nor what makes no sense in a definition of the source's. */
    MachinePlan plan(CarriedMachine carried, MachineRequest request) throws IOException {
        try {
            return planned(carried, request);
        } catch (IllegalArgumentException e) {
            MachineDefinition none = new MachineDefinition("<domain><name/><uuid/></domain>")
                    .withName(request.name()).withId(request.id());
            return new MachinePlan(none, senseless(e));
        }
    }

    private static Portability senseless(IllegalArgumentException e) {
        return new Portability(List.of("Its definition, as its source told it, makes no sense: " + e.getMessage()
                + ". Look at it there: virsh dumpxml."), List.of());
    }

    private MachinePlan planned(CarriedMachine carried, MachineRequest request) throws IOException {
        TargetCapabilities offered = hypervisor.capabilities(carried.definition());
        TargetCapabilities withFiles = new TargetCapabilities(offered.type(), offered.emulation(), offered.networks(),
                offered.filters(), Optional.of(boot.files()), offered.memory());
        return fitter.fit(carried, request, withFiles);
    }

    /** What a replica has of its VM at a position. */
    static CarriedMachine machine(Replica replica, LogPosition position) throws IOException {
        String definition = replica.definition(position).orElseThrow(() -> FailureException.of(
                FailureCode.NO_RECOVERY_POINT,
                "The source has not yet told how VM " + replica.spec().vmName() + " is defined.",
                "Wait for the next cycle of its replication; the source must be there for it."));
        return new CarriedMachine(new MachineDefinition(definition), Optional.of(firmware(replica, position)));
    }

    /** What its firmware and TPM kept at a position; nothing where its source has told none. */
    static FirmwareBundle firmware(Replica replica, LogPosition position) {
        return firmware(replica, position.toString(), () -> replica.machineState(position));
    }

    /** Where a replica keeps it; nowhere when there is none. */
    private interface StateFile {
        Optional<Path> find() throws IOException;
    }

    private static FirmwareBundle firmware(Replica replica, String position, StateFile kept) {
        try {
            Optional<Path> file = kept.find();
            return file.isPresent() ? FirmwareBundle.decode(Files.readAllBytes(file.get())) : FirmwareBundle.NONE;
        } catch (IllegalArgumentException | IOException e) {
            // Its digest was right when it came; a failover goes on without it, and says what is missing.
            LOG.warn("the firmware state of a VM is of no use relationship={} position={} reason=\"{}\"",
                    replica.spec().relationship(), position, e.toString());
            return FirmwareBundle.NONE;
        }
    }

    /** Where a failover lays down what firmware and TPM kept, whatever else it does; nothing for a senseless VM. */
    static FirmwarePlacement placement(Replica replica, CarriedMachine machine) {
        try {
            return MachinePlan.of(machine, itself(replica, Connections.all(Optional.empty())),
                    TargetCapabilities.unknown(machine.definition().type())).placement();
        } catch (IllegalArgumentException senseless) {
            return FirmwarePlacement.none(replica.spec().vm());
        }
    }

    /** What this host makes of a replica's VM that is defined so, whatever networks it will be connected to. */
    Portability portability(Replica replica, String definition) throws IOException {
        CarriedMachine carried = new CarriedMachine(new MachineDefinition(definition),
                Optional.of(firmware(replica, "what was promised last", replica::machineState)));
        return plan(carried, itself(replica, Connections.all(Optional.empty()))).portability();
    }

    /** The answer to a look before there is a replica. */
    Portability portability(CheckMachine asked, String definition) throws IOException {
        Map<DiskName, Path> disks = new HashMap<>();
        try {
            new MachineDefinition(definition).hardDisks().stream().filter(disk -> !disk.readOnly())
                    .forEach(disk -> disks.put(disk.name(), image(disk.name())));
            return plan(CarriedMachine.of(new MachineDefinition(definition)), new MachineRequest(
                    asked.relationship().item(), asked.vm(), asked.vmName(), UUID.randomUUID(), disks,
                    mapped(asked.adapters(), definition))).portability();
        } catch (IllegalArgumentException e) {
            return senseless(e);
        }
    }

    /** The VM of a replica as itself, from disks that are not made yet. */
    static MachineRequest itself(Replica replica, Connections connections) {
        return new MachineRequest(replica.spec().item(), replica.spec().vm(), replica.spec().vmName(),
                UUID.randomUUID(), imagined(replica), connections);
    }

    /** The disks of a branch that is not made yet. */
    static Map<DiskName, Path> imagined(Replica replica) {
        Map<DiskName, Path> disks = new HashMap<>();
        for (ReplicaDisk disk : replica.spec().disks()) {
            disks.put(disk.name(), image(disk.name()));
        }
        return disks;
    }

    private static Path image(DiskName disk) {
        return NOT_MADE_YET.resolve(disk + ".qcow2");
    }

    /** Where the adapters go that the vault knows, by their addresses. */
    static Connections mapped(List<AdapterAttachment> adapters, String definition) {
        List<String> macs = new MachineDefinition(definition).adapterAddresses();
        Map<String, Optional<Connection>> byMac = new LinkedHashMap<>();
        for (AdapterAttachment adapter : adapters) {
            boolean oldVault = adapter.macAddress().isEmpty() && adapter.adapter() < macs.size();
            byMac.put(oldVault ? macs.get(adapter.adapter()) : adapter.macAddress(),
                    adapter.network().map(network -> new Connection(network, adapter.subnet())));
        }
        return Connections.mapped(byMac);
    }

    /** Where all adapters of a test go; a network that is to be made for it is not looked for. */
    static Connections of(TestNetwork network, String isolatedName) {
        return Connections.all(switch (network) {
            case TestNetwork.None _ -> Optional.empty();
            case TestNetwork.Existing existing -> Optional.of(new Connection(existing.network(), Optional.empty()));
            case TestNetwork.CreateIsolated _ -> Optional.of(new Connection(isolatedName, Optional.empty()));
        });
    }

    /** Throws TARGET_CANNOT_RUN_VM for a plan with obstacles. */
    static MachinePlan possible(MachinePlan plan, String vmName) {
        List<String> obstacles = plan.portability().obstacles();
        if (obstacles.isEmpty()) {
            return plan;
        }
        throw FailureException.of(FailureCode.TARGET_CANNOT_RUN_VM,
                "VM " + vmName + " cannot be started on this host: " + String.join(" ", obstacles));
    }
}
