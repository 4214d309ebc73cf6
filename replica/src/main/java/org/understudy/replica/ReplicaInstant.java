package org.understudy.replica;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.understudy.model.Consistency;
import org.understudy.model.LogPosition;
import org.understudy.model.RecoveryPoint;

/**
 * What all disks of a VM held at one position, told by its three facts; the bytes are elsewhere.
 *
 * @param capturedAt by the source's clock
 */
public record ReplicaInstant(LogPosition position, Instant capturedAt, Consistency consistency) {
    public ReplicaInstant {
        Objects.requireNonNull(position, "position");
        Objects.requireNonNull(capturedAt, "capturedAt");
        Objects.requireNonNull(consistency, "consistency");
    }

    /** Disks that nothing was written to yet. */
    static ReplicaInstant nothingYet(long generation) {
        return new ReplicaInstant(LogPosition.startOf(generation), Instant.EPOCH, Consistency.PARTIAL);
    }

    /** This as something to boot from; empty while initial replication has not covered all disks. */
    public Optional<RecoveryPoint> asPoint() {
        return isPoint() ? Optional.of(new RecoveryPoint(position, capturedAt, consistency)) : Optional.empty();
    }

    boolean isPoint() {
        return consistency != Consistency.PARTIAL;
    }
}
