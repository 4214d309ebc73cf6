package org.understudy.vault.fleet;

import java.time.Instant;
import java.util.Optional;
import org.understudy.model.HostId;

/**
 * A host: a hypervisor with an agent that registered here.
 *
 * @param replicationAddress where other agents reach its replication port
 * @param lastSeenAt when its agent last asked or told anything, to a second or two, by the wall clock: for people alone
 */
public record Host(
        HostId id, String name, String replicationAddress, int replicationPort, String agentVersion,
        Instant registeredAt, Optional<Instant> lastSeenAt) {}
