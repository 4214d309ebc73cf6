package org.understudy.hypervisor;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.understudy.disk.EmulatorAccount;
import org.understudy.model.DiskName;
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
public interface Hypervisor extends AutoCloseable {
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

    Optional<VirtualMachine> machine(VmId vm) throws IOException;

    /** The networks and bridges of the host that a VM can be connected to, with their port groups; not ours. */
    List<VirtualNetwork> networks() throws IOException;

    /**
     * The definition of a VM as it will be at its next start, complete enough to define it at another host: with the
     * disks and adapters that were plugged into it while it runs, a note whether its host starts it by itself, and
     * without passwords.
     */
    MachineDefinition definition(VmId vm) throws IOException;

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
     * Begins an atomic, crash-consistent point in time over the requested disks of a running VM and makes the
     * checkpoint from which the next one can be incremental, in one call. The guest's writes wait for local scratch
     * files alone; the folders of ours that hold them are opened to the VM's emulator and to nobody else. One point in
     * time of a VM is open at once.
     *
     * @throws org.understudy.model.FailureException VM_NOT_RUNNING; RESYNCHRONIZATION_REQUIRED when the checkpoint to
     *     start from or its bitmap is gone or inconsistent; HYPERVISOR_BUSY while another backup, or a job on the VM or
     *     one of its disks, runs; VM_NOT_FOUND_AT_SOURCE; HYPERVISOR_REFUSED otherwise, also for the name of a
     *     checkpoint that exists
     */
    PointInTime beginPointInTime(VmId vm, PointInTimeRequest request) throws IOException;

    /**
     * What tells whether anybody wrote to the images of a VM that is shut off: equal imprints mean that nobody did in
     * between. Empty while the VM runs, is paused or crashed, or while its memory is saved (managed save): then its
     * disks are not all of it.
     */
    Optional<String> imprint(VmId vm, Set<DiskName> disks) throws IOException;

    /**
     * Begins a point in time of the disks of a VM that is shut off, with what changed since a checkpoint of ours. It
     * makes no checkpoint, so the next point in time is incremental from the same one. Nothing is locked or changed: a
     * start of the VM goes before it and ends it ({@link PointInTime#requireIntact}).
     *
     * @throws org.understudy.model.FailureException HYPERVISOR_BUSY when the VM is not shut off;
     *     RESYNCHRONIZATION_REQUIRED when the bitmap of the checkpoint is gone, was not closed (QEMU was killed), or
     *     is split by a snapshot that was made since; VM_NOT_FOUND_AT_SOURCE
     */
    PointInTime beginPointAtRest(VmId vm, RestRequest request) throws IOException;

    /** Ends a point in time that a killed agent of ours left open on this VM; does nothing to those of others. */
    void endAbandonedPointInTime(VmId vm) throws IOException;

    /** The names of our own checkpoints on this VM, oldest first; others' are not listed. */
    List<String> checkpoints(VmId vm) throws IOException;

    /**
     * Deletes a checkpoint of ours; its changed blocks pass to its parent, so nothing is forgotten. Absent is fine.
     * That of a VM that is shut off stays, without an error (libvirt cannot change it then), until this is asked
     * again while the VM runs.
     */
    void deleteCheckpoint(VmId vm, String checkpoint) throws IOException;

    /**
     * Removes every checkpoint of ours whose name {@code which} picks, and every bitmap of such a name that has lost
     * its checkpoint, whether the VM runs or is off; as far as it can be done now.
     *
     * @return what stays for now, each with the reason, as the end of a sentence; empty when nothing does
     */
    List<String> reapCheckpoints(VmId vm, Predicate<String> which) throws IOException;

    /**
     * Defines a VM, marked as ours. An existing VM of the same UUID that we defined for the same item is replaced; one
     * of others or for another item, and another VM of the same name, is refused with ALREADY_EXISTS.
     */
    void define(MachineDefinition definition) throws IOException;

    /**
     * Removes the definition of a VM that we defined and that is shut off, with its firmware variables and nothing of
     * its disks. Absent is fine; a running VM or one of others is refused with STATE_FORBIDS.
     */
    void undefine(VmId vm) throws IOException;

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

    /** What it does to the images of a VM whose failover is final. */
    DiskJobs diskJobs();

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
