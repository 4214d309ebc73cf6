package org.understudy.replica;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.LogPosition;

/**
 * Where a target stands, from which a source plans what to send.
 *
 * @param acknowledged never lost from here on
 * @param disks in the order of the VM
 * @param wholeUpTo the newest position that can still be reached, when a segment after it is damaged; empty while all
 *     that was acknowledged is whole, as far as it was read
 */
public record JournalPosition(
        LogPosition acknowledged, List<DiskStanding> disks, Optional<LogPosition> wholeUpTo) {
    public JournalPosition {
        Objects.requireNonNull(acknowledged, "acknowledged");
        disks = List.copyOf(disks);
        Objects.requireNonNull(wholeUpTo, "wholeUpTo");
    }

    /**
     * How a disk stands.
     *
     * @param covered how far initial replication had passed the disk at {@code acknowledged}
     * @param next what is already here of its segment at {@code acknowledged.next()}; empty when nothing is
     */
    public record DiskStanding(DiskName disk, ByteCount covered, Optional<SegmentStanding> next) {
        public DiskStanding {
            Objects.requireNonNull(disk, "disk");
            Objects.requireNonNull(covered, "covered");
            Objects.requireNonNull(next, "next");
        }
    }

    /**
     * A segment that is not acknowledged yet.
     * The source goes on with it only if it is the segment of the very same capture, else sends it from byte 0: a
     * cycle that was planned again has the same sequence and other bytes.
     *
     * @param verified bytes of whole frames, from the start of the file; sending resumes at this byte
     * @param complete whether the segment is durable as a whole
     * @param capture which capture it is of, {@link org.understudy.changelog.ChangeLogHeader#capture}
     */
    public record SegmentStanding(long verified, boolean complete, long capture) {}
}
