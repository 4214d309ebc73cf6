package org.understudy.agent.target;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.agent.Pause;
import org.understudy.agent.source.CyclesOfMachines;
import org.understudy.command.HandOverProgress;
import org.understudy.hypervisor.DiskJob;
import org.understudy.hypervisor.DiskJobs;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.FailureTeller;
import org.understudy.model.RelationshipId;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VmId;
import org.understudy.replica.HandOver;
import org.understudy.replica.Replica;
import org.understudy.replica.ReplicaCatalog;
import org.understudy.replica.ReplicaDisk;
import org.understudy.replica.ReplicaSpec;

/**
 * Makes the disks of committed VMs their own (decision 35): while a VM runs the hypervisor copies its disks, or writes
 * them into its old images, one after the other; then our mark comes off it and what the replica held for it goes.
 *
 * <p>Each turn looks where every disk stands and does the next thing, so that the death of the agent, of libvirt or of
 * the VM at any line costs no more than a job that is begun anew. While a disk is worked on, or is next and a point in
 * time is open, no cycle of the VM begins; between two disks one may (decision 50). A VM that is off is left alone, for
 * it could not be started meanwhile; {@link #atRest} is for who asks for it. Turns by one thread; {@link #progress} by
 * any.
 */
public final class HandOvers {
    private static final Logger LOG = LoggerFactory.getLogger(HandOvers.class);
    /** Leaves most of a usual disk to the guests of the host; a disk of 1 TiB takes less than five hours. */
    private static final ByteCount PER_SECOND = ByteCount.ofMebibytes(64);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);
    /** An image that is nearly written is written twice until it is finished, and each write of the guest with it. */
    private static final Duration WHILE_AT_IT = Duration.ofMillis(500);

    private final ReplicaCatalog replicas;
    private final Hypervisor hypervisor;
    private final Map<RelationshipId, HandOverProgress> progress = new ConcurrentHashMap<>();
    private final Map<RelationshipId, String> logged = new ConcurrentHashMap<>();
    /** The disk of each that is worked on, or is next. */
    private final Map<RelationshipId, DiskName> turnOf = new ConcurrentHashMap<>();
    private final Set<RelationshipId> holding = new HashSet<>();

    public HandOvers(ReplicaCatalog replicas, Hypervisor hypervisor) {
        this.replicas = replicas;
        this.hypervisor = hypervisor;
    }

    /** What became of a disk in one look. */
    private enum Looked {
        /** It is the VM's own, or all are. */
        OVER,
        /** A job of ours works on it. */
        WORKING,
        /** It waits, or there is none; cycles need not wait. */
        WAITING
    }

    /** Does the next thing for each, then waits; not for long where the next one is near. */
    public void turn(Pause pause, CyclesOfMachines cycles) {
        pause.await(turn(cycles));
    }

    /** Does the next thing for each; answers when to look again. */
    Duration turn(CyclesOfMachines cycles) {
        boolean atIt = false;
        for (Replica replica : replicas.all()) {
            try {
                atIt |= step(replica, cycles);
            } catch (IOException | FailureException e) {
                note(replica, new HandOverProgress(
                        "the disks are not handed over yet: " + FailureTeller.reason(e), left(replica)));
                atIt |= holding.contains(replica.spec().relationship());
            }
        }
        return atIt ? WHILE_AT_IT : LOOK_AGAIN;
    }

    /** How far the disks of a committed VM are its own; empty when there is nothing to hand over. */
    public Optional<HandOverProgress> progress(RelationshipId relationship) {
        return Optional.ofNullable(progress.get(relationship));
    }

    private int left(Replica replica) {
        return progress(replica.spec().relationship()).map(HandOverProgress::left)
                .orElse(replica.spec().disks().size());
    }

    private void note(Replica replica, HandOverProgress now) {
        progress.put(replica.spec().relationship(), now);
        String line = now.disk().map(disk -> "disk " + disk + " to " + now.percent() + " %").orElse(now.words());
        if (!line.equals(logged.put(replica.spec().relationship(), line))) {
            LOG.info("handing over item={} vm={}: {}", replica.spec().item(), replica.spec().vmName(), line);
        }
    }

    /** Does the next thing for one replica, whose failover may be committed or not; answers whether it did any. */
    boolean step(Replica replica, CyclesOfMachines cycles) throws IOException {
        boolean hold = false;
        try {
            Looked looked = goOn(replica);
            hold = looked == Looked.WORKING;
            return looked != Looked.WAITING;
        } catch (FailureException e) {
            // A cycle is open, or a backup of another program: after it the disk has its turn, and no cycle before.
            hold = e.failure().code() == FailureCode.HYPERVISOR_BUSY;
            throw e;
        } finally {
            RelationshipId relationship = replica.spec().relationship();
            if (hold) {
                holding.add(relationship);
                cycles.hold(replica.spec().vm(), "gets its disks after its failover: " + progress(relationship)
                        .filter(now -> now.disk().isPresent()).map(HandOverProgress::words).orElse("one is next"));
            } else if (holding.remove(relationship)) {
                cycles.letGo(replica.spec().vm());
            }
        }
    }

    private Looked goOn(Replica replica) throws IOException {
        RelationshipId relationship = replica.spec().relationship();
        Optional<List<HandOver>> left = replica.handOver();
        if (left.isEmpty()) {
            forget(relationship);
            return Looked.WAITING;
        }
        Optional<VirtualMachine> machine = hypervisor.machine(replica.spec().vm());
        if (machine.isEmpty() || machine.get().power() != PowerState.RUNNING) {
            note(replica, new HandOverProgress("the disks are handed over while the VM runs", left.get().size()));
            return Looked.WAITING;
        }
        List<DiskName> moved = new ArrayList<>();
        for (HandOver disk : left.get()) {
            Looked looked = look(replica, machine.get(), disk, left.get().size() - moved.size());
            if (looked != Looked.OVER) {
                return looked;
            }
            moved.add(disk.disk());
        }
        finish(replica, moved);
        return Looked.OVER;
    }

    private void forget(RelationshipId relationship) {
        progress.remove(relationship);
        logged.remove(relationship);
        turnOf.remove(relationship);
    }

    /** Does the next thing for a disk that still has an image below, if it needs more. */
    private Looked look(Replica replica, VirtualMachine machine, HandOver disk, int left) throws IOException {
        Optional<DiskJob> job = hypervisor.diskJobs().running(machine.id(), disk.disk());
        if (job.isPresent()) {
            return goOn(replica, disk, job.get(), left);
        }
        if (disk.adopted() && uses(machine, disk, disk.below())) {
            return Looked.OVER;
        }
        if (!uses(machine, disk, disk.overlay())) {
            throw FailureException.of(FailureCode.STATE_FORBIDS, "VM " + machine.name() + " does not use "
                    + disk.overlay() + " for its disk " + disk.disk() + ".",
                    "Give the disk that image again, or leave it as it is.");
        }
        return begin(replica, machine, disk, left);
    }

    /** Unless another disk has just had its turn: then replication has one. */
    private Looked begin(Replica replica, VirtualMachine machine, HandOver disk, int left) throws IOException {
        DiskName before = turnOf.put(replica.spec().relationship(), disk.disk());
        if (before != null && !before.equals(disk.disk())) {
            note(replica, new HandOverProgress("disk " + disk.disk() + " is next", left));
            return Looked.WAITING;
        }
        replica.requireRoom(disk, false);
        DiskJobs jobs = hypervisor.diskJobs();
        if (disk.adopted()) {
            jobs.intoBelow(machine.id(), disk.disk(), disk.below(), PER_SECOND);
        } else {
            jobs.standAlone(machine.id(), disk.disk(), PER_SECOND);
        }
        note(replica, new HandOverProgress("disk " + disk.disk() + " is begun", Optional.of(disk.disk()),
                ByteCount.ZERO, ByteCount.ZERO, left));
        return Looked.WORKING;
    }

    private Looked goOn(Replica replica, HandOver disk, DiskJob job, int left) throws IOException {
        if (job.kind() != (disk.adopted() ? DiskJob.Kind.INTO_BELOW : DiskJob.Kind.STAND_ALONE)) {
            note(replica, new HandOverProgress("a job of another program works on disk " + disk.disk(), left));
            return Looked.WAITING;
        }
        turnOf.put(replica.spec().relationship(), disk.disk());
        if (job.ready()) {
            hypervisor.diskJobs().finish(replica.spec().vm(), disk.disk());
            note(replica, new HandOverProgress("disk " + disk.disk() + " is written", left));
        } else {
            requireRoomLeft(replica, disk);
            HandOverProgress now = new HandOverProgress("", Optional.of(disk.disk()), job.done(), job.total(), left);
            note(replica, new HandOverProgress("disk %s is handed over, %s of %s so far (%d %%)".formatted(disk.disk(),
                    job.done(), job.total(), now.percent()), now.disk(), job.done(), job.total(), left));
        }
        return Looked.WORKING;
    }

    /** Ends the job where there is none: it is begun again when there is. */
    private void requireRoomLeft(Replica replica, HandOver disk) throws IOException {
        try {
            replica.requireRoom(disk, true);
        } catch (FailureException full) {
            hypervisor.diskJobs().giveUp(replica.spec().vm(), disk.disk());
            throw full;
        }
    }

    /** As it runs, and at its next start. */
    private boolean uses(VirtualMachine machine, HandOver disk, Path image) throws IOException {
        boolean now = machine.disks().stream().filter(it -> it.name().equals(disk.disk()))
                .anyMatch(it -> it.file().equals(image.toString()));
        return now && image.equals(hypervisor.definition(machine.id()).disks().get(disk.disk()));
    }

    private void finish(Replica replica, List<DiskName> moved) throws IOException {
        replica.requireUnused(images(replica.spec()));
        hypervisor.diskJobs().unmark(replica.spec().vm());
        replica.handedOver(moved);
        forget(replica.spec().relationship());
        LOG.info("the disks of a VM are its own item={} vm={}", replica.spec().item(), replica.spec().vmName());
    }

    /** As it runs, and as it will at its next start. */
    private Set<Path> images(ReplicaSpec spec) throws IOException {
        Set<DiskName> disks = spec.disks().stream().map(ReplicaDisk::name).collect(Collectors.toSet());
        Set<Path> images = new TreeSet<>();
        Optional<VirtualMachine> machine = hypervisor.machine(spec.vm());
        if (machine.isPresent()) {
            machine.get().disks().stream().filter(disk -> disks.contains(disk.name()))
                    .forEach(disk -> images.add(Path.of(disk.file())));
            hypervisor.definition(spec.vm()).disks().forEach((disk, image) -> {
                if (disks.contains(disk)) {
                    images.add(image);
                }
            });
        }
        return images;
    }

    /**
     * Does all of it for a VM that is off, or is not there any more; it cannot be started meanwhile. IN_USE while it
     * runs, for then it is under way by itself. Nothing where there is nothing to hand over.
     */
    void atRest(Replica replica) throws IOException {
        Optional<List<HandOver>> left = replica.handOver();
        if (left.isEmpty()) {
            return;
        }
        VmId vm = replica.spec().vm();
        Optional<PowerState> power = hypervisor.machine(vm).map(VirtualMachine::power);
        if (power.isPresent() && power.get() != PowerState.SHUT_OFF) {
            throw FailureException.of(FailureCode.IN_USE, "The disks of VM " + replica.spec().vmName()
                    + " are being handed over to it: "
                    + progress(replica.spec().relationship()).map(HandOverProgress::words).orElse("just now") + ".",
                    "Ask again when that is over, or shut the VM down and ask again.");
        }
        List<DiskName> moved = new ArrayList<>();
        for (HandOver disk : left.get()) {
            atRest(replica, disk, power.isPresent());
            moved.add(disk.disk());
        }
        finish(replica, moved);
    }

    private void atRest(Replica replica, HandOver disk, boolean isThere) throws IOException {
        VmId vm = replica.spec().vm();
        Optional<Path> used = isThere
                ? Optional.ofNullable(hypervisor.definition(vm).disks().get(disk.disk())) : Optional.empty();
        if (disk.adopted() && used.equals(Optional.of(disk.below()))) {
            // It has been written there before, and the VM has run on it since: what it left is older.
            return;
        }
        if (disk.adopted() && !used.equals(Optional.of(disk.overlay()))) {
            throw FailureException.of(FailureCode.STATE_FORBIDS, "VM " + replica.spec().vmName() + (isThere
                    ? " uses " + used.map(Path::toString).orElse("nothing") + " for its disk " + disk.disk()
                    : " is not defined here any more") + ", so that it is not known whether " + disk.overlay()
                    + " is to be written into its old image " + disk.below() + ".",
                    "Merge its snapshots, or define it with one of these images; or delete the first, if nothing in it"
                            + " is wanted. Then ask again.");
        }
        replica.handOverAtRest(disk);
        if (disk.adopted()) {
            hypervisor.diskJobs().useImage(vm, disk.disk(), disk.below());
        }
    }
}
