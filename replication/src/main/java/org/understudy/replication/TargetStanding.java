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
 * @param held for each disk of the position after {@code acknowledged}, how many bytes of its segment need not be sent
 *     again: whole frames of a partial segment, or all of a durable one; a disk that is not named holds none
 */
public record TargetStanding(LogPosition acknowledged, Map<DiskName, ByteCount> held) {
    public TargetStanding {
        Objects.requireNonNull(acknowledged, "acknowledged");
        held = Map.copyOf(held);
    }

    /** A standing with nothing held beyond {@code acknowledged}. */
    public static TargetStanding at(LogPosition acknowledged) {
        return new TargetStanding(acknowledged, Map.of());
    }

    /** Bytes held of the next position's segment of {@code disk}. */
    public ByteCount held(DiskName disk) {
        return held.getOrDefault(disk, ByteCount.ZERO);
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
        return held.values().stream().mapToLong(ByteCount::bytes).sum();
    }
}
