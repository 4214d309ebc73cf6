package org.understudy.replica;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.understudy.model.DiskName;
import org.understudy.model.RecoveryPoint;

/**
 * Disks of one recovery point that a VM may write to, made without copying or changing the replica's own.
 * Complete and durable once it is listed. While one is open nothing is applied to the replica.
 *
 * @param name a word that is safe as a folder's name, unique within the item
 * @param disks the image of each disk, qcow2, absolute
 * @param givenAt since when a VM may be defined on it, and so may have run; empty while none can be, and where a
 *     version before 0.2 made it
 * @param bitmap what notes in each image what is written from the point on; empty where nothing does
 */
public record Branch(
        String name, Purpose purpose, RecoveryPoint point, Instant createdAt, Map<DiskName, Path> disks,
        Optional<Instant> givenAt, Optional<String> bitmap) {
    public Branch {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(purpose, "purpose");
        Objects.requireNonNull(point, "point");
        Objects.requireNonNull(createdAt, "createdAt");
        disks = new TreeMap<>(disks);
        Objects.requireNonNull(givenAt, "givenAt");
        Objects.requireNonNull(bitmap, "bitmap");
    }

    Branch given(Optional<Instant> at) {
        return new Branch(name, purpose, point, createdAt, disks, at, bitmap);
    }

    /** What a branch is for. */
    public enum Purpose {
        /** Thrown away after the test; its changes are never replicated (TF-17). */
        TEST,
        /** The VM that took over; stays when the failover is committed. */
        FAILOVER
    }
}
