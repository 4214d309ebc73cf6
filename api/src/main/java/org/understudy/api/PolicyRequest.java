package org.understudy.api;

import java.time.Duration;
import java.util.Optional;

/** Makes or changes a replication policy; what is left out keeps its default, or on a change its value. */
public record PolicyRequest(
        String name, Optional<Duration> copyFrequency, Optional<Integer> standardPoints,
        Optional<Duration> recentWindow, Optional<Integer> applicationConsistentHours,
        Optional<Boolean> compression, Optional<Boolean> deleteReplica) {
    /** A policy of defaults with a copy frequency of its own. */
    public static PolicyRequest named(String name, Duration copyFrequency) {
        return new PolicyRequest(name, Optional.of(copyFrequency), Optional.empty(), Optional.empty(),
                Optional.empty(), Optional.empty(), Optional.empty());
    }
}
