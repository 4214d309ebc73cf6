package org.understudy.replication;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.LogPosition;

/**
 * Where the target of an item stands, durably.
 *
 * @param acknowledged the newest position that it acknowledged; {@link LogPosition#startOf} when none yet
 * @param held what is there of each disk's segment of the position after {@code acknowledged}; a disk that is not named
 *     holds nothing
 * @param wholeUpTo the newest position that it can still reach, when something that it acknowledged is damaged; empty
 *     while all of that is whole
 */
public record TargetStanding(LogPosition acknowledged, Map<DiskName, Held> held, Optional<LogPosition> wholeUpTo) {
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
        if (wholeUpTo.filter(whole -> !acknowledged.isAfter(whole)).isPresent()) {
            throw new IllegalArgumentException(
                    "whole up to " + wholeUpTo.get() + " is no damage before " + acknowledged);
        }
    }

    /** One whose journal is whole. */
    public TargetStanding(LogPosition acknowledged, Map<DiskName, Held> held) {
        this(acknowledged, held, Optional.empty());
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
