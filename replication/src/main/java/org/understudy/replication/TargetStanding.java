package org.understudy.replication;

import java.util.Map;
import java.util.Objects;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.LogPosition;

/**
 * Where the target of an item stands, durably.
 *
 * @param acknowledged the newest position that it acknowledged; {@link LogPosition#startOf} when none yet
 * @param held what is there of each disk's segment of the position after {@code acknowledged}; a disk that is not named
 *     holds nothing
 */
public record TargetStanding(LogPosition acknowledged, Map<DiskName, Held> held) {
    /**
     * What is held of a segment.
     *
     * @param bytes that need not be sent again: whole frames of a partial segment, or all of a durable one
     * @param capture of which they are: {@link Segment#capture}
     */
    public record Held(ByteCount bytes, long capture) {
        public Held {
            Objects.requireNonNull(bytes, "bytes");
        }
    }

    public TargetStanding {
        Objects.requireNonNull(acknowledged, "acknowledged");
        held = Map.copyOf(held);
    }

    /** A standing with nothing held beyond {@code acknowledged}. */
    public static TargetStanding at(LogPosition acknowledged) {
        return new TargetStanding(acknowledged, Map.of());
    }

    /** Bytes held of this very segment of the next position; none when what is held is of another capture. */
    public ByteCount held(Segment segment) {
        Held there = held.get(segment.disk());
        return there != null && there.capture() == segment.capture() ? there.bytes() : ByteCount.ZERO;
    }

    /** Whether something durable was gained since {@code earlier}; another generation counts as gained. */
    public boolean isBeyond(TargetStanding earlier) {
        if (!acknowledged.equals(earlier.acknowledged)) {
            return acknowledged.generation() != earlier.acknowledged.generation()
                    || acknowledged.isAfter(earlier.acknowledged);
        }
        return heldBytes() > earlier.heldBytes();
    }

    private long heldBytes() {
        return held.values().stream().mapToLong(there -> there.bytes().bytes()).sum();
    }
}
