package org.understudy.hypervisor;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.understudy.disk.EmulatorAccount;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VirtualNetwork;
import org.understudy.model.VmId;

/**
 * One host's hypervisor, the edge of the process: libvirt for real, simulated in tests, one contract test for both.
 *
 * <p>Safe for many threads. A lost connection to the hypervisor is an {@link IOException} and is opened again by the
 * next call; a refusal is a {@link org.understudy.model.FailureException} that carries the hypervisor's own words.
 * Never changes or removes what it did not make: checkpoints, VMs and networks of others stay untouched.
 */
public interface Hypervisor extends SourceHost, AutoCloseable {
    /**
     * Takes the hypervisor for this process alone, until what is returned is closed or the process ends: two agents of
     * one hypervisor would end each other's points in time. Needs no connection.
     *
     * @param by who takes it, for whoever comes after: the rest of a sentence
     * @throws org.understudy.model.FailureException IN_USE, with who has it
     */
    AutoCloseable claim(String by) throws IOException;

    /** Every persistent or running VM of the host, with what hinders the tracking of each disk. */
    List<VirtualMachine> machines() throws IOException;

    /**
     * The same for a picture of the host that must not wait: each VM by itself, within seconds, with a trouble for each
     * that could not be read. For one thread.
     */
    HostLook look() throws IOException;

    /** The networks and bridges of the host that a VM can be connected to, with their port groups; not ours. */
    List<VirtualNetwork> networks() throws IOException;

    /** What this host offers to a VM of such a definition that comes from elsewhere. */
    TargetCapabilities capabilities(MachineDefinition definition) throws IOException;

    /**
     * Why a planned machine could not be defined here, in sentences: its name or identity is another's, or the
     * hypervisor itself refuses it. Nothing is left of the question.
     */
    List<String> refusals(MachineDefinition machine) throws IOException;

    /** As which account this host runs its VMs, unless a VM's own definition says otherwise. */
    EmulatorAccount emulator() throws IOException;

    /**
     * Defines a VM, marked as ours. An existing VM of the same UUID that we defined for the same item is replaced; one
     * of others or for another item, and another VM of the same name, is refused with ALREADY_EXISTS.
     */
    void define(MachineDefinition definition) throws IOException;

    /**
     * Removes the definition of a VM that we defined and that is shut off, and nothing of its disks. Absent is fine; a
     * running VM or one of others is refused with STATE_FORBIDS.
     */
    void undefine(VmId vm, FirmwareState firmware) throws IOException;

    /** Starts a defined VM; already running is fine, one that crashed is started anew. */
    void start(VmId vm) throws IOException;

    /** Has the host start the VM when the host itself starts, or not. */
    void setAutostart(VmId vm, boolean autostart) throws IOException;

    /**
     * Has a VM itself carry a note of the role that it has at its host, in its metadata and nowhere else in its
     * definition, whoever defined it; or none. A VM that is not there is fine.
     */
    void noteRole(VmId vm, Optional<String> role) throws IOException;

    /** Asks the guest to shut down and answers at once; the process of one that crashed is ended. */
    void requestShutdown(VmId vm) throws IOException;

    /** Stops a VM as a power cut would; already off is fine. */
    void destroy(VmId vm) throws IOException;

    @Override
    FirmwareStore firmware();

    /** What it does to the images of a VM whose failover is final. */
    DiskJobs diskJobs();

    /** Whether a network of libvirt can give an adapter the address that it had elsewhere; nothing is changed. */
    AddressOffer offer(String network, String mac, String address) throws IOException;

    /**
     * Has a network of libvirt give that address to that adapter from now on, if it can: a reservation of its DHCP,
     * which stays. Asked again it finds it there.
     */
    AddressOffer reserve(String network, String mac, String address) throws IOException;

    /** Makes and starts a network without any way out, for a test failover; existing is fine when it is ours. */
    void createIsolatedNetwork(String name) throws IOException;

    /** Stops and removes a network that {@link #createIsolatedNetwork} made. Absent is fine. */
    void removeIsolatedNetwork(String name) throws IOException;

    /** Tells of VMs that started, stopped, were defined or removed, until closed; the listener must be quick. */
    AutoCloseable onMachineEvent(Consumer<MachineEvent> listener) throws IOException;

    /** Closes the connection; running VMs and open points in time stay. */
    @Override
    void close();
}
