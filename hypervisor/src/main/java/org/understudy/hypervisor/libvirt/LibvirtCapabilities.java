package org.understudy.hypervisor.libvirt;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.understudy.hypervisor.FirmwarePlacement;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.hypervisor.TargetCapabilities;
import org.understudy.hypervisor.TargetCapabilities.Emulation;
import org.understudy.hypervisor.XmlDocument;
import org.understudy.model.ByteCount;
import org.understudy.model.VmId;

/**
 * What one libvirt host offers to a VM that comes from another, and its own word on a machine that is planned: it is
 * defined under a name of ours and removed at once, never started.
 */
final class LibvirtCapabilities {
    /** What the names of machines that are only tried out begin with. */
    static final String TRIAL_PREFIX = "understudy-trial-";

    private static final int KIBIBYTE = 1024;
    private static final Duration TRIED_EVERY = Duration.ofMinutes(5);

    /** What a try of KVM told, by the process's clock. */
    private record Tried(boolean works, long at) {}

    private final LibvirtConnection connection;
    private final LibvirtNetworks networks;
    private final LibvirtFolders folders;
    private Optional<Tried> tried = Optional.empty();

    LibvirtCapabilities(LibvirtConnection connection, LibvirtNetworks networks, LibvirtFolders folders) {
        this.connection = connection;
        this.networks = networks;
        this.folders = folders;
    }

    TargetCapabilities of(MachineDefinition definition) throws IOException {
        Set<String> names = networks.names();
        Set<Long> variables = FirmwareDescriptions.variableBytes(folders, definition.architecture());
        boolean kvm = definition.type() == MachineDefinition.Type.KVM && connection.call("tell whether it offers KVM",
                libvirt -> offers(libvirt, definition, "kvm")) && kvmWorks();
        return connection.call("tell what it can run", libvirt -> {
            return new TargetCapabilities(kvm ? MachineDefinition.Type.KVM : MachineDefinition.Type.QEMU,
                    Optional.of(emulation(libvirt, definition, kvm ? "kvm" : "qemu").withVariableBytes(variables)),
                    Optional.of(names),
                    filters(libvirt), Optional.empty(),
                    Optional.of(new ByteCount(LibvirtHostLibrary.memoryKibibytes(libvirt) * KIBIBYTE)));
        });
    }

    /** Tried now and then: what is offered and does not work would be found out by the failover, after the fence. */
    private synchronized boolean kvmWorks() throws IOException {
        if (tried.isEmpty() || System.nanoTime() - tried.get().at() > TRIED_EVERY.toNanos()) {
            tried = Optional.of(new Tried(LibvirtProbe.of(connection).kvmTrouble().isEmpty(), System.nanoTime()));
        }
        return tried.get().works();
    }

    private static boolean offers(MemorySegment libvirt, MachineDefinition definition, String type)
            throws LibvirtException {
        try {
            LibvirtLibrary.virConnectGetDomainCapabilities(
                    libvirt, definition.architecture(), Optional.empty(), type);
            return true;
        } catch (LibvirtException e) {
            return refusal(libvirt, e).isEmpty();
        }
    }

    private static Emulation emulation(MemorySegment libvirt, MachineDefinition definition, String type)
            throws LibvirtException {
        try {
            return Emulation.of(XmlDocument.parse(LibvirtLibrary.virConnectGetDomainCapabilities(
                    libvirt, definition.architecture(), definition.machine(), type)));
        } catch (LibvirtException e) {
            return Emulation.refusing(refusal(libvirt, e).orElseThrow());
        }
    }

    /** Not known where libvirt's driver of filters is not there: then it finds out at the start itself. */
    private static Optional<Set<String>> filters(MemorySegment libvirt) throws LibvirtException {
        try {
            return Optional.of(LibvirtHostLibrary.filterNames(libvirt));
        } catch (LibvirtException e) {
            refusal(libvirt, e);
            return Optional.empty();
        }
    }

    /** Libvirt's words; throws for a connection that was lost, which says nothing of the machine. */
    private static Optional<String> refusal(MemorySegment libvirt, LibvirtException e) throws LibvirtException {
        if (!LibvirtLibrary.virConnectIsAlive(libvirt)) {
            throw e;
        }
        return Optional.of(e.getMessage());
    }

    /** Why the machine could not be defined here. */
    List<String> refusals(MachineDefinition machine) throws IOException {
        return connection.call("try out the definition of VM " + machine.name(), libvirt -> {
            List<String> refusals = new ArrayList<>();
            taken(libvirt, machine).ifPresent(refusals::add);
            tryOut(libvirt, machine).ifPresent(refusals::add);
            return refusals;
        });
    }

    /** Whether another VM has the machine's name, or one that is not this item's has its identity. */
    static Optional<String> taken(MemorySegment libvirt, MachineDefinition machine)
            throws LibvirtException, IOException {
        Optional<MachineDefinition> same = find(libvirt, () ->
                LibvirtLibrary.virDomainLookupByUUIDString(libvirt, machine.id().toString()));
        if (same.isPresent() && !(same.get().isOurs() && same.get().item().equals(machine.item()))) {
            return Optional.of("This host has a VM " + same.get().name() + " of the same UUID (" + machine.id()
                    + ") that Understudy did not make for this item: it is not replaced. Remove it there if it is no "
                    + "longer needed.");
        }
        Optional<MachineDefinition> named = find(libvirt, () ->
                LibvirtLibrary.virDomainLookupByName(libvirt, machine.name()));
        return named.filter(other -> !other.id().equals(machine.id())).map(other -> "Another VM named "
                + machine.name() + " (" + other.id() + ") exists on this host. Rename it there (virsh domrename) or "
                + "remove it.");
    }

    /** Finds a domain. */
    @FunctionalInterface
    private interface Lookup {
        MemorySegment domain() throws LibvirtException;
    }

    private static Optional<MachineDefinition> find(MemorySegment libvirt, Lookup lookup) throws LibvirtException {
        MemorySegment domain;
        try {
            domain = lookup.domain();
        } catch (LibvirtException e) {
            if (e.code() == LibvirtLibrary.VIR_ERR_NO_DOMAIN) {
                return Optional.empty();
            }
            throw e;
        }
        try {
            return Optional.of(new MachineDefinition(
                    LibvirtLibrary.virDomainGetXMLDesc(domain, LibvirtLibrary.VIR_DOMAIN_XML_INACTIVE)));
        } finally {
            LibvirtLibrary.virDomainFree(domain);
        }
    }

    private static Optional<String> tryOut(MemorySegment libvirt, MachineDefinition machine) throws LibvirtException {
        VmId trial = trialId(machine);
        forget(libvirt, trial);
        MachineDefinition tried = machine.withId(trial).withName(TRIAL_PREFIX + trial)
                // Removed with the definition, as some libvirt might, it is nobody's.
                .withVariables(FirmwarePlacement.variablesOfCopy(trial));
        try {
            LibvirtLibrary.virDomainFree(LibvirtHostLibrary.virDomainDefineXMLFlags(
                    libvirt, tried.xml(), LibvirtHostLibrary.VIR_DOMAIN_DEFINE_VALIDATE));
            return Optional.empty();
        } catch (LibvirtException e) {
            refusal(libvirt, e);
            // What its schema does not know it may still understand; the words of its own code say more, too.
            return understood(libvirt, tried);
        } finally {
            forget(libvirt, trial);
        }
    }

    private static Optional<String> understood(MemorySegment libvirt, MachineDefinition tried)
            throws LibvirtException {
        try {
            LibvirtLibrary.virDomainFree(LibvirtHostLibrary.virDomainDefineXMLFlags(libvirt, tried.xml(), 0));
            return Optional.empty();
        } catch (LibvirtException e) {
            return refusal(libvirt, e).map(why -> "The host's libvirt refuses the VM: " + why + ".");
        }
    }

    private static void forget(MemorySegment libvirt, VmId trial) throws LibvirtException {
        try {
            MemorySegment domain = LibvirtLibrary.virDomainLookupByUUIDString(libvirt, trial.toString());
            try {
                LibvirtLibrary.virDomainUndefineFlags(domain, LibvirtLibrary.VIR_DOMAIN_UNDEFINE_KEEP_NVRAM);
            } finally {
                LibvirtLibrary.virDomainFree(domain);
            }
        } catch (LibvirtException e) {
            if (e.code() != LibvirtLibrary.VIR_ERR_NO_DOMAIN) {
                throw e;
            }
        }
    }

    /** The same for the same VM, so that what a killed agent left is removed by the next look. */
    private static VmId trialId(MachineDefinition machine) {
        return new VmId(UUID.nameUUIDFromBytes(
                (TRIAL_PREFIX + machine.id()).getBytes(StandardCharsets.UTF_8)));
    }
}
