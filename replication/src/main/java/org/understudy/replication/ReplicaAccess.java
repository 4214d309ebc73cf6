package org.understudy.replication;

import java.io.IOException;
import org.understudy.model.FailureException;

/** What the wire's server needs of the replicas on a target host. Called from one thread per connection. */
public interface ReplicaAccess {
    /**
     * Opens the session of a relationship for the source that greets. The server has proved {@code greeting.source()}
     * and has ended an older session of the same source for the same relationship; whether that source may send at all
     * is decided here.
     *
     * @throws FailureException refuses: {@code RELATIONSHIP_OVER} for a generation that another has followed here,
     *     {@code RELATIONSHIP_REFUSED} for a source, an item or a generation that the
     *     relationship does not name, {@code REPLICA_FENCED} after a failover; it reaches the source and the audit
     */
    ReplicaSession open(Greeting greeting) throws IOException;
}
