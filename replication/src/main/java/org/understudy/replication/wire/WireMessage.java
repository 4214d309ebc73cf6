package org.understudy.replication.wire;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.understudy.model.Failure;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;
import org.understudy.replication.HashAnswer;
import org.understudy.replication.HashRequest;
import org.understudy.replication.MachineState;
import org.understudy.replication.SegmentOffer;
import org.understudy.replication.StateDigest;
import org.understudy.replication.TargetStanding;

/** What is said on the wire; {@link WireCodec} knows its bytes. */
sealed interface WireMessage {
    /** Source: who I am is in my certificate; I want to ship this relationship, in this version. */
    record Hello(RelationshipId relationship, int version) implements WireMessage {
        public Hello {
            Objects.requireNonNull(relationship, "relationship");
        }
    }

    /** Target: begin from here; to a source that speaks version 2, which cannot go back. */
    record Welcome(TargetStanding standing) implements WireMessage {}

    /** Target: begin from here, or go back first. */
    record Standing(TargetStanding standing) implements WireMessage {}

    /** Source: the bytes of a segment follow, from an offset to its length. */
    record SegmentStart(SegmentOffer offer) implements WireMessage {
        public SegmentStart {
            Objects.requireNonNull(offer, "offer");
        }
    }

    /** Source: the next bytes of the segment. The buffer is the channel's and valid until its next read. */
    record SegmentBytes(ByteBuffer bytes) implements WireMessage {}

    /** Source: that was all of it; tell me when it is durable. */
    record SegmentEnd() implements WireMessage {}

    /** Target: the segment that was sent is durable. */
    record Durable() implements WireMessage {}

    /** Source: the VM is defined so from this position on. */
    record Defined(LogPosition position, String machineDefinition) implements WireMessage {
        public Defined {
            Objects.requireNonNull(position, "position");
            Objects.requireNonNull(machineDefinition, "machineDefinition");
        }
    }

    /**
     * Source: these bytes of what the machine keeps from this position on; all of it comes in order, and nothing
     * between. A length of 0 says that it keeps nothing.
     */
    record State(LogPosition position, StateDigest digest, int length, int offset, ByteBuffer bytes)
            implements WireMessage {
        public State {
            Objects.requireNonNull(position, "position");
            Objects.requireNonNull(digest, "digest");
            if (length < 0 || length > MachineState.BYTES_MAX || offset < 0 || offset > length - bytes.remaining()
                    || !bytes.hasRemaining() && length > 0) {
                throw new IllegalArgumentException(bytes.remaining() + " bytes from " + offset
                        + " of a machine state of " + length);
            }
        }
    }

    /** Target, after its standing: so much I have as the machine's state there. */
    record Kept(StateDigest digest) implements WireMessage {
        public Kept {
            Objects.requireNonNull(digest, "digest");
        }
    }

    /** Source: all disks' segments of this position are durable; acknowledge it. */
    record Acknowledge(LogPosition position) implements WireMessage {}

    /** Target: acknowledged, durably. */
    record Acknowledged(LogPosition position) implements WireMessage {}

    /** Source: give up what you acknowledged after this position, which you say is damaged. */
    record GoBack(LogPosition position) implements WireMessage {}

    /** Target: done, durably. */
    record WentBack(LogPosition position) implements WireMessage {}

    /** Source: tell me what you hold of these blocks. */
    record Compare(HashRequest request) implements WireMessage {
        public Compare {
            Objects.requireNonNull(request, "request");
        }
    }

    /** Target: this; never that it has not heard of comparing. */
    record Compared(HashAnswer answer) implements WireMessage {
        public Compared {
            Objects.requireNonNull(answer, "answer");
        }
    }

    /** Either: I am still here. */
    record Pulse() implements WireMessage {}

    /** Target: this ends the connection, and why. */
    record Failed(Failure failure) implements WireMessage {
        public Failed {
            Objects.requireNonNull(failure, "failure");
        }
    }
}
