package org.understudy.replication;

import java.util.Objects;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.LogPosition;

/**
 * A segment as its source announces it.
 *
 * @param capture which capture of the position it is of: {@link Segment#capture}
 * @param length of the whole segment
 * @param fromOffset from where its bytes come: what {@link ReplicaSession#standing} said is held of the same capture,
 *     or 0 to begin anew; equal to {@code length} when it is held whole and only its durability is asked for
 */
public record SegmentOffer(DiskName disk, LogPosition position, long capture, ByteCount length, long fromOffset) {
    public SegmentOffer {
        Objects.requireNonNull(disk, "disk");
        Objects.requireNonNull(position, "position");
        if (fromOffset < 0 || fromOffset > length.bytes()) {
            throw new IllegalArgumentException("offset " + fromOffset + " lies outside of " + length.bytes());
        }
    }

    /** The bytes of {@code segment} from an offset on. */
    public static SegmentOffer of(Segment segment, long fromOffset) {
        return new SegmentOffer(
                segment.disk(), segment.position(), segment.capture(), segment.length(), fromOffset);
    }
}
