package org.understudy.agent.source;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.understudy.command.AgentCommand.TargetAddress;
import org.understudy.command.ReplicationSettings;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.ItemId;
import org.understudy.model.VmId;

/**
 * What this host, as a source, was told to replicate, and where to: known durably, so the vault need not be there.
 *
 * @param disks every replicated disk
 */
public record Relationship(
        ItemId item, long generation, VmId vm, Map<DiskName, SourceDisk> disks, TargetAddress target,
        ReplicationSettings settings) {
    public Relationship {
        Objects.requireNonNull(item, "item");
        Objects.requireNonNull(vm, "vm");
        disks = Collections.unmodifiableMap(new TreeMap<>(disks));
        Objects.requireNonNull(target, "target");
        Objects.requireNonNull(settings, "settings");
        if (disks.isEmpty()) {
            throw new IllegalArgumentException("item " + item + " has no disk to replicate");
        }
    }

    /**
     * A disk of the VM as it was when protection was enabled.
     *
     * @param folder of its image; logs and scratch files go into a folder of ours in there
     */
    public record SourceDisk(ByteCount size, String folder) {
        public SourceDisk {
            Objects.requireNonNull(size, "size");
            Objects.requireNonNull(folder, "folder");
        }
    }

    ByteCount size(DiskName disk) {
        return disks.get(disk).size();
    }

    /** The size of all disks. */
    ByteCount total() {
        return disks.values().stream().map(SourceDisk::size).reduce(ByteCount.ZERO, ByteCount::plus);
    }

    /** The name of the checkpoint of a cycle; the item in it keeps apart what an earlier protection may have left. */
    String checkpoint(long sequence) {
        return checkpointPrefix() + sequence;
    }

    /** What the names of all checkpoints of this chain begin with. */
    String checkpointPrefix() {
        return "understudy-" + item.toString().substring(0, 8) + "-" + generation + "-";
    }
}
