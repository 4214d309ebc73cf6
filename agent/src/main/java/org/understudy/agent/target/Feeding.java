package org.understudy.agent.target;

import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;
import org.understudy.replica.Replica;
import org.understudy.replica.ReplicaCatalog;
import org.understudy.replication.HashAnswer;
import org.understudy.replication.HashRequest;
import org.understudy.replication.MachineState;
import org.understudy.replication.ReplicaSession;
import org.understudy.replication.SegmentOffer;
import org.understudy.replication.SegmentReceiver;
import org.understudy.replication.StateDigest;
import org.understudy.replication.TargetStanding;

/**
 * Which replicas a source has a session with, and when one was fed last: so that none is removed under a source that
 * nobody has told to stop. For any thread.
 */
final class Feeding {
    private final ReplicaCatalog catalog;
    private final Clock clock;
    private final Map<RelationshipId, Integer> open = new ConcurrentHashMap<>();

    Feeding(ReplicaCatalog catalog, Clock clock) {
        this.catalog = catalog;
        this.clock = clock;
    }

    /** The same session, known until it is closed. */
    ReplicaSession known(RelationshipId relationship, ReplicaSession session) {
        open.merge(relationship, 1, Integer::sum);
        return new Known(relationship, session);
    }

    /**
     * When a source fed a replica last, or what it sent was applied: now while one is connected; also from before this
     * agent began. Empty for one that takes nothing any more.
     */
    Optional<Instant> lastFed(Replica replica) throws IOException {
        if (replica.fenced()) {
            return Optional.empty();
        }
        boolean connected = open.containsKey(replica.spec().relationship());
        return Optional.of(connected ? clock.instant() : catalog.movedAt(replica));
    }

    private final class Known implements ReplicaSession {
        private final RelationshipId relationship;
        private final ReplicaSession session;
        private boolean closed;

        Known(RelationshipId relationship, ReplicaSession session) {
            this.relationship = relationship;
            this.session = session;
        }

        @Override
        public TargetStanding standing() throws IOException {
            return session.standing();
        }

        @Override
        public SegmentReceiver receive(SegmentOffer offer) throws IOException {
            return session.receive(offer);
        }

        @Override
        public void define(LogPosition position, String machineDefinition) throws IOException {
            session.define(position, machineDefinition);
        }

        @Override
        public StateDigest keptState() throws IOException {
            return session.keptState();
        }

        @Override
        public void keep(LogPosition position, MachineState state) throws IOException {
            session.keep(position, state);
        }

        @Override
        public void acknowledge(LogPosition position) throws IOException {
            session.acknowledge(position);
        }

        @Override
        public HashAnswer hashes(HashRequest request) throws IOException {
            return session.hashes(request);
        }

        @Override
        public void goBackTo(LogPosition position) throws IOException {
            session.goBackTo(position);
        }

        @Override
        public void close() throws IOException {
            if (!closed) {
                closed = true;
                open.computeIfPresent(relationship, (_, count) -> count == 1 ? null : count - 1);
            }
            session.close();
        }
    }
}
