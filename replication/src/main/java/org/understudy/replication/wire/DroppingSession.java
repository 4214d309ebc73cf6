package org.understudy.replication.wire;

import java.nio.ByteBuffer;
import org.understudy.model.LogPosition;
import org.understudy.replication.HashAnswer;
import org.understudy.replication.HashRequest;
import org.understudy.replication.MachineState;
import org.understudy.replication.ReplicaSession;
import org.understudy.replication.SegmentOffer;
import org.understudy.replication.SegmentReceiver;
import org.understudy.replication.StateDigest;
import org.understudy.replication.TargetStanding;

/**
 * A replica's session that takes everything and keeps nothing, so that the wire alone takes time; for warming it up and
 * for measuring it. Safe for threads.
 */
public record DroppingSession(long generation) implements ReplicaSession {
    @Override
    public TargetStanding standing() {
        return TargetStanding.at(LogPosition.startOf(generation));
    }

    @Override
    public SegmentReceiver receive(SegmentOffer offer) {
        return new Receiver();
    }

    @Override
    public void define(LogPosition position, String machineDefinition) {
        // Nothing is kept.
    }

    @Override
    public StateDigest keptState() {
        return StateDigest.OF_NONE;
    }

    @Override
    public void keep(LogPosition position, MachineState state) {
        // Nothing is kept.
    }

    @Override
    public void acknowledge(LogPosition position) {
        // Nothing is kept, so nothing is promised.
    }

    @Override
    public HashAnswer hashes(HashRequest request) {
        return new HashAnswer.NotNow("nothing is kept");
    }

    @Override
    public void goBackTo(LogPosition position) {
        // Nothing is kept.
    }

    @Override
    public void close() {
        // Nothing is held.
    }

    private record Receiver() implements SegmentReceiver {
        @Override
        public void accept(ByteBuffer bytes) {
            bytes.position(bytes.limit());
        }

        @Override
        public void durable() {
            // Nothing is kept, so nothing is durable.
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }
}
