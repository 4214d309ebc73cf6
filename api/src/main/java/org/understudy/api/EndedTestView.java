package org.understudy.api;

import java.time.Instant;
import java.util.Optional;
import org.understudy.model.JobId;

/**
 * A test failover that was cleaned up.
 *
 * @param network as of {@link TestFailoverView}
 * @param point what the VM was started from, and {@code startedAt} since when it ran; empty when it never did
 * @param endedBy who asked for the clean-up; {@code vault} when the test was open for too long
 * @param notes what that person wrote of it; empty text when nothing
 * @param job of the test
 */
public record EndedTestView(
        String vmName, String network, Optional<RecoveryPointView> point, Optional<Instant> startedAt,
        Instant endedAt, String endedBy, String notes, JobId job) {}
