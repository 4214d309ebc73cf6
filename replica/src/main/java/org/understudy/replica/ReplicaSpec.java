package org.understudy.replica;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.understudy.model.DiskName;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.RelationshipId;
import org.understudy.model.VmId;

/**
 * What the vault told this host about one direction of an item: whose segments to take, from whom, and how many points
 * to keep. Kept durably as {@code replica.json} in the replica's folder.
 *
 * @param generation the direction: the only chain whose segments are taken
 * @param source the only host whose segments are taken; checked by who speaks to the wire, not here
 * @param disks in the order of the VM, each name once
 */
public record ReplicaSpec(
        ItemId item, long generation, VmId vm, String vmName, HostId source,
        List<ReplicaDisk> disks, Retention retention) {
    public ReplicaSpec {
        Objects.requireNonNull(item, "item");
        Objects.requireNonNull(vm, "vm");
        Objects.requireNonNull(vmName, "vmName");
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(retention, "retention");
        disks = List.copyOf(disks);
        if (generation < 1 || disks.isEmpty()) {
            throw new IllegalArgumentException("replica of " + vmName + " needs a generation from 1 and a disk");
        }
        Set<DiskName> names = new HashSet<>();
        for (ReplicaDisk disk : disks) {
            if (!names.add(disk.name())) {
                throw new IllegalArgumentException("replica of " + vmName + " names disk " + disk.name() + " twice");
            }
        }
    }

    /** Whose replica it is. */
    public RelationshipId relationship() {
        return new RelationshipId(item, generation);
    }

    /** The disk of that name; throws {@link IllegalArgumentException} when the VM has none. */
    ReplicaDisk disk(DiskName name) {
        return disks.stream().filter(disk -> disk.name().equals(name)).findFirst().orElseThrow(() ->
                new IllegalArgumentException("the replica of " + vmName + " has no disk " + name));
    }

    /** The same relationship, keeping other points. */
    ReplicaSpec keeping(Retention changed) {
        return new ReplicaSpec(item, generation, vm, vmName, source, disks, changed);
    }
}
