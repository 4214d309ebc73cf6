package org.understudy.bench;

import java.nio.ByteBuffer;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.LogPosition;
import org.understudy.replication.Greeting;
import org.understudy.replication.ReplicaAccess;
import org.understudy.replication.ReplicaSession;
import org.understudy.replication.SegmentReceiver;
import org.understudy.replication.TargetStanding;

/** A target that takes everything and keeps nothing, so that only the wire takes time. */
final class DroppingReplica implements ReplicaAccess {
    @Override
    public ReplicaSession open(Greeting greeting) {
        return new Session(greeting.generation());
    }

    private record Session(long generation) implements ReplicaSession {
        @Override
        public TargetStanding standing() {
            return TargetStanding.at(LogPosition.startOf(generation));
        }

        @Override
        public SegmentReceiver receive(DiskName disk, LogPosition position, ByteCount length, long fromOffset) {
            return new Receiver();
        }

        @Override
        public void acknowledge(LogPosition position) {
            // Nothing is kept, so nothing is promised.
        }

        @Override
        public void close() {
            // Nothing is held.
        }
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
