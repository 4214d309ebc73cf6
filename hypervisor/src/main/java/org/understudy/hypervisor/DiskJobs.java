package org.understudy.hypervisor;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.ItemId;
import org.understudy.model.VmId;

/**
 * What a hypervisor does to the images of a VM so that its disks become its own after a failover, while the VM runs.
 * The guest goes on; its checkpoints stay good, with all that they noted. While a job runs no point in time of the VM
 * can begin: that is HYPERVISOR_BUSY. Threads and errors as {@link Hypervisor}; a job outlives this process, ends with
 * its VM's process, and is begun anew then.
 */
public interface DiskJobs {
    /**
     * Begins to copy into a disk's image what it still reads from images below; it rests on nothing when the job is
     * over.
     *
     * @param perSecond bytes it may copy in a second
     * @throws org.understudy.model.FailureException VM_NOT_RUNNING; HYPERVISOR_BUSY while a backup or another job of
     *     the VM runs
     */
    void standAlone(VmId vm, DiskName disk, ByteCount perSecond) throws IOException;

    /**
     * Begins to write what a disk's image holds into one below it, which the VM uses alone after {@link #finish}.
     *
     * @param below an image on which the disk's rests
     */
    void intoBelow(VmId vm, DiskName disk, Path below, ByteCount perSecond) throws IOException;

    /** The job on a disk; empty when there is none, or the VM does not run. */
    Optional<DiskJob> running(VmId vm, DiskName disk) throws IOException;

    /** Ends an {@link #intoBelow} that is ready: the VM uses the image below from now on, and at its next start. */
    void finish(VmId vm, DiskName disk) throws IOException;

    /** Gives a job up: the VM goes on with the images that it has; what a {@link #standAlone} copied stays copied. */
    void giveUp(VmId vm, DiskName disk) throws IOException;

    /** Has a VM that is off use another image for a disk, whatever it is marked as; nothing else of it changes. */
    void useImage(VmId vm, DiskName disk, Path image) throws IOException;

    /**
     * Notes bitmaps of that name, which are in the images of these disks, as a checkpoint of the VM, running or off: a
     * point in time can begin since it. Once noted it stays as it is.
     */
    void noteCheckpoint(VmId vm, String name, Set<DiskName> disks) throws IOException;

    /**
     * Marks a VM that is off as one of an item, so that a failover may define it otherwise. VM_NOT_FOUND_AT_SOURCE
     * where it is not defined.
     */
    void mark(VmId vm, ItemId item) throws IOException;

    /** Takes our mark off a VM: it is the administrator's own from now on. Absent, or without a mark, is fine. */
    void unmark(VmId vm) throws IOException;
}
