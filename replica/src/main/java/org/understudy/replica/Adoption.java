package org.understudy.replica;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.understudy.model.DiskName;
import org.understudy.replication.MachineState;

/**
 * The wish to make disks that are there the disks of a replica, in place: what they hold becomes its position
 * {@code <generation>-0}.
 *
 * @param images the image of each disk of the replica
 * @param capturedAt when a VM wrote to them last, by the clock of this host
 * @param kept whether that content stays a recovery point until {@link Replica#letGo} names it, for it is nowhere else;
 *     not where it equals a position that the other end has, as after a planned failover
 * @param state what the firmware and the TPM of the VM kept beside those disks
 */
public record Adoption(Map<DiskName, AdoptedImage> images, Instant capturedAt, boolean kept, MachineState state) {
    public Adoption {
        images = new TreeMap<>(images);
        Objects.requireNonNull(capturedAt, "capturedAt");
        Objects.requireNonNull(state, "state");
    }

    /** Of disks of a VM that keeps nothing beside them. */
    public Adoption(Map<DiskName, AdoptedImage> images, Instant capturedAt, boolean kept) {
        this(images, capturedAt, kept, MachineState.NONE);
    }
}
