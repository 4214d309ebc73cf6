package org.understudy.replication;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.understudy.model.ByteCount;

/**
 * How a driver stands at one moment: facts, for reports and people.
 *
 * @param source captured, acknowledged, covered of total, waiting; as last asked, empty until the source answered once
 * @param sent bytes put on the wire since the driver started, with all that TLS and resending cost
 * @param trouble why it does not get on; of shipping before that of capturing, empty when both do
 * @param lastAcknowledged when the cycle of the acknowledged position began, by the source's clock: what the target
 *     holds is at least as new, so the time since is the RPO; empty until a position captured by this driver is
 *     acknowledged
 */
public record DriverReport(
        DriverPhase phase, Optional<SourceStanding> source, ByteCount sent, Optional<Trouble> trouble,
        Optional<Instant> lastAcknowledged) {
    public DriverReport {
        Objects.requireNonNull(phase, "phase");
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(sent, "sent");
        Objects.requireNonNull(trouble, "trouble");
        Objects.requireNonNull(lastAcknowledged, "lastAcknowledged");
    }
}
