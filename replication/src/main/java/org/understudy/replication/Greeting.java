package org.understudy.replication;

import java.util.Objects;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;

/**
 * What a source tells when it opens a session.
 *
 * @param source who asks: proved by its certificate, not claimed by it
 * @param generation the chain it wants to ship
 */
public record Greeting(ItemId item, HostId source, long generation) {
    public Greeting {
        Objects.requireNonNull(item, "item");
        Objects.requireNonNull(source, "source");
        if (generation < 1) {
            throw new IllegalArgumentException("generation " + generation + " is out of range");
        }
    }
}
