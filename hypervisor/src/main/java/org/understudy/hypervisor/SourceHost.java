package org.understudy.hypervisor;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.understudy.model.DiskName;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VmId;

/**
 * What the host of a VM has to show so that the VM can be replicated from it: how it is defined, what its firmware and
 * its TPM keep, points in time of its disks, and the checkpoints from which the next one tells what changed. A further
 * kind of source is a further one of these. Errors and threads as {@link Hypervisor}.
 */
public interface SourceHost {
    /** A VM of the host, with what hinders the tracking of each disk; empty when it is not defined here. */
    Optional<VirtualMachine> machine(VmId vm) throws IOException;

    /**
     * The definition of a VM as it will be at its next start, complete enough to define it at another host: with the
     * disks and adapters that were plugged into it while it runs, a note whether its host starts it by itself, one of
     * the addresses that the host's networks gave its adapters ({@link AdapterAddresses}), and without passwords.
     */
    MachineDefinition definition(VmId vm) throws IOException;

    /** What the firmware and the TPM of its VMs keep. */
    FirmwareReader firmware();

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
     * Begins a point in time of the disks of a VM that is shut off, with what changed since a checkpoint of ours
     * where that is asked for. It makes no checkpoint, so the next point in time is incremental from the same one.
     * Nothing is locked or changed: a start of the VM goes before it and ends it ({@link PointInTime#requireIntact}).
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
}
