package org.understudy.api;

import java.time.Duration;

/**
 * What a replication policy says (PL-03).
 *
 * @param copyFrequency from the start of one cycle to the next: 1 to 900 whole seconds
 * @param standardPoints hourly recovery points kept besides the latest: 0 to 24
 * @param recentWindow for how long every replicated position is a recovery point: up to 15 days
 * @param applicationConsistentHours hours between application-consistent points: 0, off, is what this version offers
 * @param compression whether replication data is compressed on the wire
 * @param deleteReplica whether disabling protection deletes the replica without being told so
 */
public record PolicySettings(
        Duration copyFrequency, int standardPoints, Duration recentWindow, int applicationConsistentHours,
        boolean compression, boolean deleteReplica) {}
