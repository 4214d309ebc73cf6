package org.understudy.vault.item;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.understudy.api.TestFailoverView.Phase;
import org.understudy.model.ItemId;
import org.understudy.model.JobId;
import org.understudy.model.RecoveryPoint;

/**
 * A test failover that exists: a fact beside the state of its item.
 *
 * @param network as asked: {@code isolated}, {@code none} or a name
 * @param point what the VM was started from; empty until it runs
 * @param differences of the test VM from the VM at its source, in sentences; empty until it runs
 */
public record TestFailover(
        ItemId item, JobId job, Phase phase, String vmName, String network, Optional<RecoveryPoint> point,
        Optional<Instant> startedAt, List<String> differences) {
    /** How long one may be open; then the vault ends it (TF-14). */
    public static final Duration OPEN_MAX = Duration.ofDays(14);

    public TestFailover {
        differences = List.copyOf(differences);
    }
}
