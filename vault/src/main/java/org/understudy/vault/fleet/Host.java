package org.understudy.vault.fleet;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.understudy.model.HostId;

/**
 * A host: a hypervisor with an agent that registered here.
 *
 * @param replicationAddress where other agents reach its replication port
 * @param lastSeenAt when its agent last asked or told anything, to a second or two
 */
public record Host(
        HostId id, String name, String replicationAddress, int replicationPort, String agentVersion,
        Instant registeredAt, Optional<Instant> lastSeenAt) {
    /** An agent reports every few seconds. */
    public static final Duration SILENCE_MAX = Duration.ofSeconds(15);

    /** Whether its agent was heard of lately. */
    public boolean isConnected(Instant now) {
        return lastSeenAt.filter(seen -> seen.isAfter(now.minus(SILENCE_MAX))).isPresent();
    }
}
