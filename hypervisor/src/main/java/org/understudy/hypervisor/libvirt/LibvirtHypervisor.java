package org.understudy.hypervisor.libvirt;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.disk.EmulatorAccount;
import org.understudy.hypervisor.AddressOffer;
import org.understudy.hypervisor.DiskJobs;
import org.understudy.hypervisor.FirmwareState;
import org.understudy.hypervisor.FirmwareStore;
import org.understudy.hypervisor.HostLook;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.hypervisor.HypervisorAwayException;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.hypervisor.MachineEvent;
import org.understudy.hypervisor.NbdPoint;
import org.understudy.hypervisor.PointInTimeRequest;
import org.understudy.hypervisor.RestRequest;
import org.understudy.hypervisor.TargetCapabilities;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VirtualNetwork;
import org.understudy.model.VmId;

/**
 * A host's libvirt (QEMU driver, 8.0 or newer), reached at a URI such as {@code qemu:///system}.
 *
 * <p>Image files are looked at by this process, so it runs on the host itself, as a user that can read them. What it
 * made is told by a mark in the metadata of VMs and networks, and by names for checkpoints, sockets and scratch files.
 */
public final class LibvirtHypervisor implements Hypervisor {
    private static final Logger LOG = LoggerFactory.getLogger(LibvirtHypervisor.class);
    private static final int UNDEFINE_EVERYTHING_BUT_DISKS = LibvirtLibrary.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE
            | LibvirtLibrary.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA
            | LibvirtLibrary.VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA;
    /** One look at a VM takes milliseconds, unless its QEMU hangs. */
    private static final Duration PATIENCE_WITH_A_VM = Duration.ofSeconds(2);

    private final LibvirtConnection connection;
    private final LibvirtBackups backups;
    private final PointsAtRest atRest;
    private final CheckpointReaper checkpoints;
    private final LibvirtDiskJobs diskJobs;
    private final LibvirtNetworks networks;
    private final LibvirtCapabilities capabilities;
    private final LibvirtFirmware firmware;
    private final MachineRoll roll;
    private final LibvirtClaim claims;

    /** Connects at the first call. */
    public LibvirtHypervisor(String uri, Clock clock) {
        this(uri, ExportFolder.OF_HOST, clock);
    }

    LibvirtHypervisor(String uri, ExportFolder exports, Clock clock) {
        this(uri, exports, LibvirtFolders.OF_HOST, clock);
    }

    LibvirtHypervisor(String uri, ExportFolder exports, LibvirtFolders folders, Clock clock) {
        this.connection = new LibvirtConnection(uri);
        this.claims = new LibvirtClaim(exports.ours(), uri);
        this.backups = new LibvirtBackups(connection, exports, clock);
        this.atRest = new PointsAtRest(connection, exports, clock);
        this.checkpoints = new CheckpointReaper(connection);
        this.diskJobs = new LibvirtDiskJobs(connection);
        this.networks = new LibvirtNetworks(connection);
        this.capabilities = new LibvirtCapabilities(connection, networks, folders);
        this.firmware = LibvirtFirmware.of(connection, folders, clock);
        this.roll = new MachineRoll(this::beginToRead, PATIENCE_WITH_A_VM);
    }

    @Override
    public AutoCloseable claim(String by) throws IOException {
        return claims.take(by);
    }

    @Override
    public List<VirtualMachine> machines() throws IOException {
        return connection.call("list the VMs", libvirt -> {
            List<MemorySegment> domains = LibvirtLibrary.virConnectListAllDomains(libvirt);
            try {
                List<VirtualMachine> machines = new ArrayList<>(domains.size());
                for (MemorySegment domain : domains) {
                    addUnlessGone(machines, domain);
                }
                return machines;
            } finally {
                domains.forEach(LibvirtLibrary::virDomainFree);
            }
        });
    }

    /** What this host's libvirt offers, and whether KVM works where it does. Takes seconds at most. */
    public LibvirtProbe probe() throws IOException {
        return LibvirtProbe.of(connection);
    }

    /**
     * Whether this host's libvirt refuses to start a VM of that name, saying these words: a VM that is gone at once
     * when it does start, and never ran an instruction.
     *
     * @param name begins with {@value LibvirtCapabilities#TRIAL_PREFIX}, and so is no VM of this host
     */
    public boolean refusesToStart(String name, String words) throws IOException {
        return connection.call("try to start a VM", libvirt -> {
            try {
                MemorySegment domain = LibvirtHostLibrary.virDomainCreateXML(libvirt,
                        "<domain type='qemu'><name>" + name + "</name><memory unit='MiB'>16</memory>"
                                + "<os><type>hvm</type></os></domain>",
                        LibvirtHostLibrary.VIR_DOMAIN_START_PAUSED | LibvirtHostLibrary.VIR_DOMAIN_START_AUTODESTROY);
                LibvirtLibrary.virDomainDestroy(domain);
                LibvirtLibrary.virDomainFree(domain);
                return false;
            } catch (LibvirtException e) {
                if (e.getMessage().contains(words)) {
                    return true;
                }
                throw e;
            }
        });
    }

    @Override
    public HostLook look() throws IOException {
        List<VmId> present = connection.call("list the VMs", libvirt -> {
            List<MemorySegment> domains = LibvirtLibrary.virConnectListAllDomains(libvirt);
            try {
                List<VmId> ids = new ArrayList<>(domains.size());
                for (MemorySegment domain : domains) {
                    if (!isTrial(domain)) {
                        ids.add(VmId.parse(LibvirtLibrary.virDomainGetUUIDString(domain)));
                    }
                }
                return ids;
            } finally {
                domains.forEach(LibvirtLibrary::virDomainFree);
            }
        });
        try {
            HostLook look = roll.call(present, connection.number());
            connection.names().are(look.machines());
            return look;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HypervisorAwayException("the look at the VMs was interrupted", e);
        }
    }

    private Future<Optional<VirtualMachine>> beginToRead(VmId vm) {
        return connection.begin("read VM " + vm, libvirt -> {
            try {
                return Optional.of(LibvirtConnection.withDomain(libvirt, vm, MachineReader::read));
            } catch (FailureException e) {
                if (e.failure().code() == FailureCode.VM_NOT_FOUND_AT_SOURCE) {
                    return Optional.empty();
                }
                throw e;
            }
        });
    }

    @Override
    public Optional<VirtualMachine> machine(VmId vm) throws IOException {
        return ifPresent("read VM " + vm, vm, MachineReader::read);
    }

    @Override
    public List<VirtualNetwork> networks() throws IOException {
        return networks.list();
    }

    @Override
    public MachineDefinition definition(VmId vm) throws IOException {
        MachineDefinition definition =
                connection.callDomain("read the definition of VM " + vm, vm, MachineReader::definition);
        return connection.call("read the addresses of VM " + vm,
                libvirt -> LibvirtNetworks.addresses(libvirt, definition)).notedIn(definition);
    }

    @Override
    public FirmwareStore firmware() {
        return firmware;
    }

    @Override
    public AddressOffer offer(String network, String mac, String address) throws IOException {
        return networks.offer(network, mac, address, false);
    }

    @Override
    public AddressOffer reserve(String network, String mac, String address) throws IOException {
        return networks.offer(network, mac, address, true);
    }

    @Override
    public TargetCapabilities capabilities(MachineDefinition definition) throws IOException {
        return capabilities.of(definition);
    }

    @Override
    public List<String> refusals(MachineDefinition machine) throws IOException {
        return capabilities.refusals(machine);
    }

    @Override
    public EmulatorAccount emulator() throws IOException {
        return connection.call("tell as which user it runs VMs", EmulatorAccounts::ofHost);
    }

    @Override
    public NbdPoint beginPointInTime(VmId vm, PointInTimeRequest request) throws IOException {
        return backups.begin(vm, request);
    }

    @Override
    public Optional<String> imprint(VmId vm, Set<DiskName> disks) throws IOException {
        return atRest.imprint(vm, disks);
    }

    @Override
    public NbdPoint beginPointAtRest(VmId vm, RestRequest request) throws IOException {
        return atRest.begin(vm, request);
    }

    @Override
    public void endAbandonedPointInTime(VmId vm) throws IOException {
        backups.endAbandoned(vm);
    }

    @Override
    public List<String> checkpoints(VmId vm) throws IOException {
        return checkpoints.checkpoints(vm);
    }

    @Override
    public void deleteCheckpoint(VmId vm, String checkpoint) throws IOException {
        checkpoints.delete(vm, checkpoint);
    }

    @Override
    public List<String> reapCheckpoints(VmId vm, Predicate<String> which) throws IOException {
        return checkpoints.reap(vm, which);
    }

    @Override
    public void define(MachineDefinition definition) throws IOException {
        MachineDefinition marked = definition.isOurs() ? definition : definition.ours();
        String name = marked.name();
        VmId vm = marked.id();
        connection.call("define VM " + name, libvirt -> {
            LibvirtCapabilities.taken(libvirt, marked).ifPresent(why -> {
                throw FailureException.of(FailureCode.ALREADY_EXISTS, why,
                        "Remove or rename it with libvirt's own tools if it is no longer needed.");
            });
            LibvirtLibrary.virDomainFree(LibvirtLibrary.virDomainDefineXML(libvirt, marked.xml()));
            return null;
        });
        LOG.info("a VM was defined vm={} name={}", vm, name);
    }

    @Override
    public void undefine(VmId vm, FirmwareState firmware) throws IOException {
        ifPresent("remove the definition of VM " + vm, vm, domain -> {
            refuseUnlessOurs(domain, FailureCode.STATE_FORBIDS, "it is not removed");
            if (MachineReader.power(domain) != PowerState.SHUT_OFF) {
                throw FailureException.of(FailureCode.STATE_FORBIDS,
                        "VM " + vm + " runs: it is not removed", "Shut it down or stop it first.");
            }
            LibvirtLibrary.virDomainUndefineFlags(domain, UNDEFINE_EVERYTHING_BUT_DISKS | flags(domain, firmware));
            LOG.info("the definition of a VM was removed vm={}", vm);
            return null;
        });
    }

    /** libvirt deletes the state of a TPM unless it is told not to, and older ones refuse to be told. */
    private static int flags(MemorySegment domain, FirmwareState firmware) throws LibvirtException {
        return switch (firmware) {
            case GOES -> LibvirtLibrary.VIR_DOMAIN_UNDEFINE_NVRAM;
            case STAYS -> LibvirtLibrary.VIR_DOMAIN_UNDEFINE_KEEP_NVRAM
                    | (LibvirtLibrary.virDomainGetXMLDesc(domain, 0).contains("<tpm ")
                            ? LibvirtLibrary.VIR_DOMAIN_UNDEFINE_KEEP_TPM : 0);
        };
    }

    @Override
    public void start(VmId vm) throws IOException {
        String name = name(vm);
        connection.callDomain("start VM " + name, vm, domain -> {
            PowerState power = MachineReader.power(domain);
            if (power == PowerState.CRASHED) {
                LibvirtLibrary.virDomainDestroy(domain);
            }
            if (power == PowerState.CRASHED || power == PowerState.SHUT_OFF) {
                LibvirtLibrary.virDomainCreate(domain);
                LOG.info("a VM was started vm={} name={}", vm, name);
            }
            return null;
        });
    }

    @Override
    public void setAutostart(VmId vm, boolean autostart) throws IOException {
        connection.callDomain("set whether VM " + name(vm) + " starts with its host", vm, domain -> {
            LibvirtHostLibrary.virDomainSetAutostart(domain, autostart);
            return null;
        });
    }

    @Override
    public void noteRole(VmId vm, Optional<String> role) throws IOException {
        ifPresent("note the role of VM " + vm, vm, domain -> {
            LibvirtHostLibrary.virDomainSetMetadata(domain,
                    role.map("<role value='%s'/>"::formatted), MachineDefinition.ROLE_NAMESPACE);
            return null;
        });
    }

    @Override
    public void requestShutdown(VmId vm) throws IOException {
        connection.callDomain("shut VM " + name(vm) + " down", vm, domain -> {
            switch (MachineReader.power(domain)) {
                case SHUT_OFF -> { }
                // There is no guest left that could shut down; its QEMU keeps the disks.
                case CRASHED -> LibvirtLibrary.virDomainDestroy(domain);
                case RUNNING, PAUSED -> LibvirtLibrary.virDomainShutdown(domain);
            }
            return null;
        });
    }

    /** For what people read. */
    private String name(VmId vm) throws IOException {
        return ifPresent("read VM " + vm, vm, LibvirtLibrary::virDomainGetName).orElseGet(vm::toString);
    }

    @Override
    public void destroy(VmId vm) throws IOException {
        ifPresent("stop VM " + vm, vm, domain -> {
            try {
                if (MachineReader.power(domain) != PowerState.SHUT_OFF) {
                    LibvirtLibrary.virDomainDestroy(domain);
                    LOG.info("a VM was stopped vm={}", vm);
                }
            } catch (LibvirtException e) {
                // It may have stopped by itself in between.
                if (e.code() != LibvirtLibrary.VIR_ERR_OPERATION_INVALID
                        || MachineReader.power(domain) != PowerState.SHUT_OFF) {
                    throw e;
                }
            }
            return null;
        });
    }

    @Override
    public DiskJobs diskJobs() {
        return diskJobs;
    }

    @Override
    public void createIsolatedNetwork(String name) throws IOException {
        networks.createIsolated(name);
    }

    @Override
    public void removeIsolatedNetwork(String name) throws IOException {
        networks.removeIsolated(name);
    }

    /** After a lost connection events come again from the next call on; those of the time between are not told. */
    @Override
    public AutoCloseable onMachineEvent(Consumer<MachineEvent> listener) throws IOException {
        return connection.listen(listener);
    }

    @Override
    public void close() {
        connection.close();
    }

    /** One that is only tried out is gone in a moment and is no VM of this host. */
    private static boolean isTrial(MemorySegment domain) throws LibvirtException {
        return LibvirtLibrary.virDomainGetName(domain).startsWith(LibvirtCapabilities.TRIAL_PREFIX);
    }

    private static void addUnlessGone(List<VirtualMachine> machines, MemorySegment domain) throws LibvirtException {
        try {
            if (!isTrial(domain)) {
                machines.add(read(domain));
            }
        } catch (LibvirtException e) {
            if (e.code() != LibvirtLibrary.VIR_ERR_NO_DOMAIN) {
                throw e;
            }
        }
    }

    /** One odd VM hides no other. */
    private static VirtualMachine read(MemorySegment domain) throws LibvirtException {
        try {
            return MachineReader.read(domain);
        } catch (RuntimeException e) {
            LOG.warn("a VM could not be read name={}", LibvirtLibrary.virDomainGetName(domain), e);
            return MachineReader.unreadable(domain, e);
        }
    }

    private <T> Optional<T> ifPresent(String doing, VmId vm, LibvirtConnection.DomainCall<T> call)
            throws IOException {
        try {
            return Optional.ofNullable(connection.callDomain(doing, vm, call));
        } catch (FailureException e) {
            if (e.failure().code() == FailureCode.VM_NOT_FOUND_AT_SOURCE) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static void refuseUnlessOurs(MemorySegment domain, FailureCode code, String so) throws LibvirtException {
        MachineDefinition existing = new MachineDefinition(
                LibvirtLibrary.virDomainGetXMLDesc(domain, LibvirtLibrary.VIR_DOMAIN_XML_INACTIVE));
        if (!existing.isOurs()) {
            throw FailureException.of(code, "VM " + existing.name() + " (" + existing.id()
                    + ") exists on this host and was not made by Understudy: " + so,
                    "Remove or rename it with libvirt's own tools if it is no longer needed.");
        }
    }
}
