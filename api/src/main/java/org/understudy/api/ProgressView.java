package org.understudy.api;

import java.time.Instant;
import java.util.Optional;
import org.understudy.model.ByteCount;
import org.understudy.model.LogPosition;

/**
 * How far an item's replication is, as its two agents reported last.
 *
 * @param covered how much of the disks initial replication has passed, of {@code total}
 * @param percent the same, 0 to 100
 * @param waiting bytes at the source that the target has not acknowledged
 * @param journal bytes at the target that are not applied yet
 * @param compared while the disks are covered anew, how much of them was compared with what the target holds
 * @param equal of that, what the target holds already; the rest was sent
 * @param handOver how far the disks of a committed VM are its own, where it runs; empty when they are, and before
 * @param attempt how often in a row the current cycle was tried; 0 when it goes on
 */
public record ProgressView(
        ByteCount covered, ByteCount total, int percent, Optional<LogPosition> captured,
        Optional<LogPosition> acknowledged, Optional<LogPosition> applied, ByteCount waiting, ByteCount sent,
        ByteCount changed, ByteCount compared, ByteCount equal, ByteCount journal, int attempt,
        Optional<Instant> nextAttempt, Optional<HandOverView> handOver, Optional<Instant> reportedAt) {}
