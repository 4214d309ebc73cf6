package org.understudy.agent.target;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.agent.Pause;
import org.understudy.agent.source.SourceReplications;
import org.understudy.command.AgentCommand;
import org.understudy.command.AgentCommand.PrepareReplica;
import org.understudy.command.CommandOutcome;
import org.understudy.hypervisor.FirmwareReading;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.FailureTeller;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;
import org.understudy.model.VirtualDisk;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.replica.AdoptedImage;
import org.understudy.replica.Adoption;
import org.understudy.replica.Branch;
import org.understudy.replica.Replica;
import org.understudy.replica.ReplicaCatalog;
import org.understudy.replication.MachineState;

/**
 * A host that was the source of an item, or its target before that, and becomes its target again: the disks of the VM
 * that lies there, shut off, become the replica's in place (decision 44). What is left of earlier directions ends, each
 * when nothing needs it any more. Called by one thread an item.
 */
public final class OldSource {
    private static final Logger LOG = LoggerFactory.getLogger(OldSource.class);

    private final SourceReplications sources;
    private final Replicas replicas;
    private final ReplicaCatalog catalog;
    private final ReplicaMachines machines;
    private final Hypervisor hypervisor;

    public OldSource(SourceReplications sources, Replicas replicas, ReplicaCatalog catalog, ReplicaMachines machines,
            Hypervisor hypervisor) {
        this.sources = sources;
        this.replicas = replicas;
        this.catalog = catalog;
        this.machines = machines;
        this.hypervisor = hypervisor;
    }

    /** Makes the replica that is asked for, an empty one or one over the disks that are here. */
    public CommandOutcome prepare(PrepareReplica asked) throws IOException {
        if (asked.adopt().isPresent()) {
            return adopt(asked, asked.adopt().get());
        }
        if (asked.relationship().generation() > 1 && catalog.find(asked.relationship()).isEmpty()) {
            requireGone(asked);
        }
        replicas.prepare(asked);
        sources.endBefore(asked.relationship());
        return new CommandOutcome.Done();
    }

    /** Of a VM that is here a new replica could not be started; what its disks hold is not to be copied anew either. */
    private void requireGone(PrepareReplica asked) throws IOException {
        if (hypervisor.machine(asked.vm()).isPresent()) {
            throw FailureException.of(FailureCode.STATE_FORBIDS, "VM " + asked.vmName() + " is defined on this host, "
                    + "which the vault does not know yet: its disks are to become those of the replica.",
                    "Ask again in some seconds; or undefine it here, if it is to be made anew.");
        }
    }

    /**
     * Adopts the VM's disks, durably. Again it ends what is left of earlier directions, and says of the disks what it
     * can still know: that they are equal is never guessed.
     *
     * @throws FailureException VM_NOT_FOUND_AT_SOURCE; SOURCE_STILL_RUNNING; STATE_FORBIDS where an image cannot be
     *     adopted. Nothing was changed then but that a committed VM's disks are its own
     */
    private CommandOutcome adopt(PrepareReplica asked, AgentCommand.Adopt wish) throws IOException {
        RelationshipId before = new RelationshipId(asked.relationship().item(), asked.relationship().generation() - 1);
        // Asked before anything touches an image, for the answer is told by the images' times.
        Optional<LogPosition> holds = sources.finishedAt(before);
        boolean equal = holds.equals(Optional.of(wish.from()));
        if (catalog.find(asked.relationship()).isEmpty()) {
            requireOff(asked);
            endReplicasBefore(asked.relationship());
            VirtualMachine machine = requireOff(asked);
            Map<DiskName, AdoptedImage> images = images(asked, machine);
            hypervisor.diskJobs().mark(asked.vm(), asked.relationship().item());
            replicas.adopt(asked, new Adoption(images, writtenAt(images), !equal, kept(asked)));
            LOG.info("the disks of an old source were adopted relationship={} vm={} from={} holds={}",
                    asked.relationship(), asked.vmName(), wish.from(), holds);
        }
        remember(asked);
        sources.endBefore(asked.relationship());
        return equal ? new CommandOutcome.Finished(wish.from()) : new CommandOutcome.Done();
    }

    /** As it was defined when it left: so it can be started from its first position before a source told anything. */
    private void remember(PrepareReplica asked) throws IOException {
        Replica replica = catalog.find(asked.relationship()).orElseThrow();
        if (replica.definition().isEmpty() && hypervisor.machine(asked.vm()).isPresent()) {
            replica.rememberDefinition(LogPosition.startOf(asked.relationship().generation()),
                    hypervisor.definition(asked.vm()).withoutMark().xml());
        }
    }

    private VirtualMachine requireOff(PrepareReplica asked) throws IOException {
        VirtualMachine machine = hypervisor.machine(asked.vm()).orElseThrow(() -> FailureException.of(
                FailureCode.VM_NOT_FOUND_AT_SOURCE, "VM " + asked.vmName() + " is not defined on this host any more, so"
                        + " its disks cannot be found.", "Define it again there as it was (virsh define), shut off, "
                        + "and ask again; or ask again in some seconds, and a new replica is made."));
        if (machine.power() != PowerState.SHUT_OFF) {
            throw FailureException.of(FailureCode.SOURCE_STILL_RUNNING, "VM " + asked.vmName() + " is not shut off on "
                    + "this host: its disks cannot become those of a replica.",
                    "Shut it down there, if the copy at the other site is the one that is wanted; then ask again.");
        }
        return machine;
    }

    private static Map<DiskName, AdoptedImage> images(PrepareReplica asked, VirtualMachine machine) {
        Map<DiskName, AdoptedImage> images = new TreeMap<>();
        for (AgentCommand.ReplicaDisk wanted : asked.disks()) {
            VirtualDisk disk = machine.disks().stream().filter(it -> it.name().equals(wanted.name())).findFirst()
                    .filter(it -> it.size().equals(wanted.size()))
                    .orElseThrow(() -> FailureException.of(FailureCode.DISK_CHANGED, "VM " + asked.vmName()
                            + " has no disk " + wanted.name() + " of " + wanted.size() + " on this host any more.",
                            "Give it that disk again and ask again; or undefine the VM here, and a new replica is "
                                    + "made."));
            images.put(disk.name(), new AdoptedImage(Path.of(disk.file()), disk.format()));
        }
        return images;
    }

    /**
     * What the VM's firmware and TPM keep beside its disks. Where that cannot be read it is of no point, and stays
     * where it lies: whatever is started here sets it aside.
     */
    private MachineState kept(PrepareReplica asked) throws IOException {
        return switch (hypervisor.firmware().read(asked.vm(), Optional.empty())) {
            case FirmwareReading.Held held -> new MachineState(held.bundle().encode());
            case FirmwareReading.NotNow(String reason) -> {
                LOG.warn("an old source's firmware state could not be read relationship={} vm={} reason=\"{}\"",
                        asked.relationship(), asked.vmName(), reason);
                yield MachineState.NONE;
            }
        };
    }

    /** When a VM wrote to one of them last. */
    private static Instant writtenAt(Map<DiskName, AdoptedImage> images) throws IOException {
        Instant newest = Instant.EPOCH;
        for (AdoptedImage image : images.values()) {
            Instant at = Files.getLastModifiedTime(image.file()).toInstant();
            newest = at.isAfter(newest) ? at : newest;
        }
        return newest;
    }

    /** Replicas of earlier directions; the VM's disks are its own, or become so, for it is off. */
    private void endReplicasBefore(RelationshipId later) throws IOException {
        for (Replica replica : catalog.all()) {
            RelationshipId known = replica.spec().relationship();
            if (known.item().equals(later.item()) && known.generation() < later.generation()) {
                commitWhatNobodyDid(replica);
                machines.handOverAtRest(known);
                replicas.remove(new AgentCommand.RemoveReplica(known));
            }
        }
    }

    /**
     * A VM that was failed over here, and away again before anybody committed: its disks here are adopted now, as they
     * are, and with that the points from which it might have been started before are of no use.
     */
    private static void commitWhatNobodyDid(Replica replica) throws IOException {
        if (!replica.report().committed()
                && replica.branches().stream().anyMatch(it -> it.purpose() == Branch.Purpose.FAILOVER)) {
            replica.commit();
        }
    }

    /** Hands disks over, waits, and removes what is over then. */
    public void turn(Pause pause, ToLongFunction<ItemId> sourceOf) {
        machines.handOvers().turn(pause, sources);
        removeWhatIsOver(sourceOf);
    }

    /**
     * Removes the replicas from which a VM was failed over for good, once it has its disks and is replicated in a later
     * direction. What cannot be removed now is tried again.
     *
     * @param sourceOf the newest direction of an item of which this host is the source
     */
    private void removeWhatIsOver(ToLongFunction<ItemId> sourceOf) {
        for (Replica replica : catalog.all()) {
            RelationshipId known = replica.spec().relationship();
            try {
                if (sourceOf.applyAsLong(known.item()) > known.generation() && replica.report().committed()
                        && replica.branches().isEmpty()) {
                    replicas.remove(new AgentCommand.RemoveReplica(known));
                }
            } catch (IOException | FailureException e) {
                LOG.info("an earlier replica stays for now relationship={} reason=\"{}\"", known,
                        FailureTeller.reason(e));
            }
        }
    }
}
