package org.understudy.api;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.understudy.model.JobId;

/**
 * A test failover that exists: its VM is started, runs, or is being removed (TF-12).
 *
 * @param network {@code none}, {@code isolated} or the name of an existing network
 * @param differences of the test VM from the VM at its source, in sentences
 */
public record TestFailoverView(
        Phase phase, String vmName, String network, Optional<RecoveryPointView> point, Optional<Instant> startedAt,
        List<String> differences, JobId job) {
    public TestFailoverView {
        differences = List.copyOf(differences);
    }

    /** How far the test is. */
    public enum Phase { STARTING, WAITING_FOR_CLEANUP, CLEANING_UP }
}
