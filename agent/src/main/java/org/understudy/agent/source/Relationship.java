package org.understudy.agent.source;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.understudy.command.AgentCommand.TargetAddress;
import org.understudy.command.ReplicationSettings;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.ItemId;
import org.understudy.model.RelationshipId;
import org.understudy.model.VmId;

/**
 * What this host, as a source, was told to replicate in one direction, and where to: known durably, so the vault need
 * not be there.
 *
 * @param disks every replicated disk
 * @param name of the VM when it was last seen, for people; empty in what versions before 0.2 wrote
 * @param paused who has the VM alone just now; empty while it is replicated
 */
public record Relationship(
        ItemId item, long generation, VmId vm, Map<DiskName, SourceDisk> disks, TargetAddress target,
        ReplicationSettings settings, Optional<String> name, Optional<Paused> paused) {
    public Relationship {
        Objects.requireNonNull(item, "item");
        Objects.requireNonNull(vm, "vm");
        disks = Collections.unmodifiableMap(new TreeMap<>(disks));
        Objects.requireNonNull(target, "target");
        Objects.requireNonNull(settings, "settings");
        name = Objects.requireNonNullElse(name, Optional.empty());
        paused = Objects.requireNonNullElse(paused, Optional.empty());
        if (disks.isEmpty()) {
            throw new IllegalArgumentException("item " + item + " has no disk to replicate");
        }
    }

    /** Of a VM whose name is not known, and that is replicated. */
    Relationship(
            ItemId item, long generation, VmId vm, Map<DiskName, SourceDisk> disks, TargetAddress target,
            ReplicationSettings settings) {
        this(item, generation, vm, disks, target, settings, Optional.empty(), Optional.empty());
    }

    /**
     * A disk of the VM as it was when protection was enabled.
     *
     * @param folder of its image; logs and scratch files go into a folder of ours in there
     * @param earlier folders in which its image was before it was moved, that may hold logs of ours yet
     */
    public record SourceDisk(ByteCount size, String folder, List<String> earlier) {
        public SourceDisk {
            Objects.requireNonNull(size, "size");
            Objects.requireNonNull(folder, "folder");
            earlier = earlier == null ? List.of() : List.copyOf(earlier);
        }

        /** A disk that was never moved. */
        public SourceDisk(ByteCount size, String folder) {
            this(size, folder, List.of());
        }

        SourceDisk movedTo(String now) {
            List<String> before = new ArrayList<>(earlier);
            before.remove(now);
            before.addFirst(folder);
            return new SourceDisk(size, now, before);
        }
    }

    /**
     * A pause that somebody asked for.
     *
     * @param by whose, for people
     */
    public record Paused(String by, Instant since) {
        public Paused {
            Objects.requireNonNull(by, "by");
            Objects.requireNonNull(since, "since");
        }
    }

    /** Its identity. */
    RelationshipId id() {
        return new RelationshipId(item, generation);
    }

    /** The VM, for people: by its name where that is known. */
    String vmName() {
        return name.orElseGet(vm::toString);
    }

    ByteCount size(DiskName disk) {
        return disks.get(disk).size();
    }

    /** The size of all disks. */
    ByteCount total() {
        return disks.values().stream().map(SourceDisk::size).reduce(ByteCount.ZERO, ByteCount::plus);
    }

    Relationship named(String now) {
        return new Relationship(item, generation, vm, disks, target, settings, Optional.of(now), paused);
    }

    Relationship withDisks(Map<DiskName, SourceDisk> now) {
        return new Relationship(item, generation, vm, now, target, settings, name, paused);
    }

    Relationship pausedBy(Optional<Paused> now) {
        return new Relationship(item, generation, vm, disks, target, settings, name, now);
    }
}
