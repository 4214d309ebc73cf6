package org.understudy.api;

import java.util.Optional;

/**
 * Starts a VM that was failed over, and is not committed, from another of its recovery points (CM-01). What it wrote
 * since its failover is lost.
 *
 * @param point as of a test failover
 */
public record ChangePointRequest(Optional<String> point) {}
