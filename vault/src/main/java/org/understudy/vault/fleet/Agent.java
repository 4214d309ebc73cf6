package org.understudy.vault.fleet;

import java.time.Instant;
import java.util.Optional;
import org.understudy.api.Named;
import org.understudy.model.HostId;

/**
 * A host's agent as the features see it.
 *
 * @param connected whether it reported lately
 * @param address where other agents reach its replication port
 */
public record Agent(
        HostId id, String name, Presence presence, Optional<Instant> lastSeen, String address, int port,
        String version) {
    public boolean connected() {
        return presence instanceof Presence.Connected;
    }

    public Named<HostId> named() {
        return new Named<>(id, name);
    }
}
