package org.understudy.replication.wire;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.understudy.model.LogPosition;
import org.understudy.replication.MachineState;
import org.understudy.replication.StateDigest;
import org.understudy.replication.wire.WireMessage.State;

/** A machine state of which some has come: in memory, for it is small, and from its start again in another session. */
final class IncomingState {
    private final LogPosition position;
    private final StateDigest digest;
    private final ByteBuffer bytes;

    /** Of the length that its first part tells, which the codec has found to be allowed. */
    IncomingState(State first) {
        this.position = first.position();
        this.digest = first.digest();
        this.bytes = ByteBuffer.allocate(first.length());
    }

    /** Takes the next part; answers the whole when that was the last. */
    Optional<MachineState> take(State part) throws WireViolation {
        if (!part.position().equals(position) || !part.digest().equals(digest) || part.length() != bytes.capacity()
                || part.offset() != bytes.position()) {
            throw new WireViolation("a machine state went on with another part than its next");
        }
        bytes.put(part.bytes().duplicate());
        if (bytes.hasRemaining()) {
            return Optional.empty();
        }
        MachineState whole = new MachineState(bytes.array());
        if (!whole.digest().equals(digest)) {
            throw new WireViolation("a machine state has another digest than was told");
        }
        return Optional.of(whole);
    }
}
