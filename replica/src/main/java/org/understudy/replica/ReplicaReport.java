package org.understudy.replica;

import java.util.Objects;
import java.util.Optional;
import org.understudy.model.ByteCount;
import org.understudy.model.Failure;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;

/**
 * How a replica stands at one moment, for reports and screens.
 *
 * @param journal bytes received and not applied yet
 * @param points what there is of recovery points, those that are only journaled included
 * @param heldBecause why nothing is applied; empty when it is
 * @param trouble why segments are not taken, not applied, or points were lost; empty when all goes well
 */
public record ReplicaReport(
        RelationshipId relationship, LogPosition acknowledged, LogPosition applied, ByteCount journal,
        PointsSummary points, Optional<String> heldBecause, boolean fenced, boolean committed,
        Optional<Failure> trouble) {
    public ReplicaReport {
        Objects.requireNonNull(points, "points");
    }
}
