package org.understudy.replication;

import java.util.Objects;
import org.understudy.model.HostId;
import org.understudy.model.RelationshipId;

/**
 * What a source tells when it opens a session.
 *
 * @param relationship what it wants to ship
 * @param source who asks: proved by its certificate, not claimed by it
 */
public record Greeting(RelationshipId relationship, HostId source) {
    public Greeting {
        Objects.requireNonNull(relationship, "relationship");
        Objects.requireNonNull(source, "source");
    }
}
