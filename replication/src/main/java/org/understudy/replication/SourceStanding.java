package org.understudy.replication;

import java.util.Objects;
import java.util.Optional;
import org.understudy.model.ByteCount;
import org.understudy.model.LogPosition;

/**
 * Where the source of an item stands, durably.
 *
 * @param captured the newest position whose logs are closed; those after {@code acknowledged} wait at the source
 * @param acknowledged the newest position that the source knows the target acknowledged; never after {@code captured}
 * @param covered how much of the disks the front of initial replication has passed
 * @param total the size of all disks; until {@code covered} reaches it positions are partial
 * @param waiting bytes of the closed logs that wait
 * @param loss what it can no longer tell, until that was dealt with
 * @param wanted what it has to know of the target's disks before it captures the next cycle, if anything
 */
public record SourceStanding(
        LogPosition captured, LogPosition acknowledged, ByteCount covered, ByteCount total, ByteCount waiting,
        Optional<Loss> loss, Optional<HashRequest> wanted) {
    public SourceStanding {
        Objects.requireNonNull(wanted, "wanted");
        Objects.requireNonNull(waiting, "waiting");
        Objects.requireNonNull(loss, "loss");
        if (acknowledged.isAfter(captured)) {
            throw new IllegalArgumentException(
                    "acknowledged " + acknowledged + " is after captured " + captured + ": nobody can hold it");
        }
        if (covered.compareTo(total) > 0) {
            throw new IllegalArgumentException("covered " + covered + " is more than the disks have: " + total);
        }
    }

    /** One that lost nothing. */
    public SourceStanding(
            LogPosition captured, LogPosition acknowledged, ByteCount covered, ByteCount total, ByteCount waiting) {
        this(captured, acknowledged, covered, total, waiting, Optional.empty(), Optional.empty());
    }

    /** The same with a loss found out. */
    public SourceStanding without(Loss lost) {
        return new SourceStanding(captured, acknowledged, covered, total, waiting, Optional.of(lost), wanted);
    }

    /** The same, waiting for what the target holds. */
    public SourceStanding wanting(HashRequest request) {
        return new SourceStanding(captured, acknowledged, covered, total, waiting, loss, Optional.of(request));
    }

    /** The chain that this source writes. */
    public long generation() {
        return captured.generation();
    }

    /** How many captured positions the target has not acknowledged, as far as the source knows. */
    public long waitingCycles() {
        return captured.sequence() - acknowledged.sequence();
    }

    /** Whether the front of initial replication has not reached the end of all disks. */
    public boolean initial() {
        return covered.compareTo(total) < 0;
    }
}
