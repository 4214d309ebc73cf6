package org.understudy.changelog;

import java.time.Instant;
import java.util.Objects;
import org.understudy.model.ByteCount;
import org.understudy.model.Consistency;
import org.understudy.model.DiskName;
import org.understudy.model.LogPosition;
import org.understudy.model.VmId;

/**
 * Which disk a log is of, and from which position it leads to which.
 *
 * @param position where the disk stands after this log; its sequence is 1 or more, but for an undo log that restores
 *     what the disk held before its chain began
 * @param previousSequence where it must stand before, in the same generation
 * @param diskSize the size of the disk; all frames end within it
 * @param covered how far initial replication had come on this disk after this log; equals diskSize when complete
 * @param capturedAt the instant of the content by the source's clock
 * @param consistency what the position promises, for all disks of the VM
 */
public record ChangeLogHeader(VmId vm, DiskName disk, LogPosition position, long previousSequence, ByteCount diskSize,
                              ByteCount covered, Instant capturedAt, Consistency consistency) {
    public ChangeLogHeader {
        Objects.requireNonNull(vm, "vm");
        Objects.requireNonNull(disk, "disk");
        Objects.requireNonNull(position, "position");
        Objects.requireNonNull(capturedAt, "capturedAt");
        Objects.requireNonNull(consistency, "consistency");
        boolean beforeTheChain = position.sequence() == 0 && previousSequence == 0;
        if (previousSequence < 0 || previousSequence >= position.sequence() && !beforeTheChain) {
            throw new IllegalArgumentException("a log to %s cannot follow sequence %d".formatted(position,
                    previousSequence));
        }
        if (covered.compareTo(diskSize) > 0) {
            throw new IllegalArgumentException("%d bytes of a disk of %d cannot be covered".formatted(covered.bytes(),
                    diskSize.bytes()));
        }
    }

    /**
     * What tells this capture from another of the same disk and position: a cycle that was planned again has the same
     * number and other bytes. The checksum of the header, and the nanoseconds of its instant.
     */
    public long capture() {
        return (long) LogFormat.checksumOf(this) << Integer.SIZE | capturedAt.getNano();
    }
}
