package org.understudy.agent.target;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.understudy.hypervisor.DiskJob;
import org.understudy.hypervisor.DiskJobs;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.ItemId;
import org.understudy.model.VirtualDisk;
import org.understudy.model.VmId;

/** Jobs on disks that are begun and noted, and end when the test says so. */
final class NotedDiskJobs implements DiskJobs {
    final List<String> told = new ArrayList<>();
    Optional<DiskJob> job = Optional.empty();
    /** Whether a point in time is open, beside which no job begins. */
    boolean busy;
    private final TargetWorld world;

    NotedDiskJobs(TargetWorld world) {
        this.world = world;
    }

    @Override
    public void standAlone(VmId vm, DiskName disk, ByteCount perSecond) {
        if (busy) {
            throw FailureException.of(FailureCode.HYPERVISOR_BUSY, "A point in time is open.");
        }
        told.add("stand alone " + disk);
        job = Optional.of(new DiskJob(DiskJob.Kind.STAND_ALONE, new ByteCount(1), new ByteCount(4), false));
    }

    @Override
    public void intoBelow(VmId vm, DiskName disk, Path below, ByteCount perSecond) {
        told.add("into below " + disk);
        job = Optional.of(new DiskJob(DiskJob.Kind.INTO_BELOW, new ByteCount(1), new ByteCount(4), false));
    }

    @Override
    public Optional<DiskJob> running(VmId vm, DiskName disk) {
        return job;
    }

    @Override
    public void finish(VmId vm, DiskName disk) {
        told.add("finish " + disk);
        job = Optional.empty();
    }

    @Override
    public void giveUp(VmId vm, DiskName disk) {
        told.add("give up " + disk);
        job = Optional.empty();
    }

    @Override
    public void useImage(VmId vm, DiskName disk, Path image) {
        told.add("use image " + image);
        world.defined.put(vm, world.defined.get(vm).withImage(disk, image));
    }

    @Override
    public void noteCheckpoint(VmId vm, String name, Set<DiskName> disks) {
        told.add("checkpoint " + name + " " + disks);
    }

    @Override
    public void mark(VmId vm, ItemId item) {
        told.add("mark " + item);
    }

    @Override
    public void unmark(VmId vm) {
        told.add("unmark");
        world.defined.computeIfPresent(vm, (_, machine) -> machine.withoutMark());
    }

    List<VirtualDisk> disksOf(MachineDefinition machine) {
        return machine.disks().entrySet().stream().map(disk -> new VirtualDisk(disk.getKey(),
                disk.getValue().toString(), "qcow2", ByteCount.ofMebibytes(1), Optional.empty())).toList();
    }
}
