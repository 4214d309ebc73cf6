package org.understudy.replication.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.disk.DiskFull;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.replication.HashRequest;
import org.understudy.replication.MachineState;
import org.understudy.replication.ReplicaSession;
import org.understudy.replication.SegmentReceiver;
import org.understudy.replication.TargetStanding;
import org.understudy.replication.wire.WireMessage.Acknowledge;
import org.understudy.replication.wire.WireMessage.Acknowledged;
import org.understudy.replication.wire.WireMessage.Compare;
import org.understudy.replication.wire.WireMessage.Compared;
import org.understudy.replication.wire.WireMessage.Defined;
import org.understudy.replication.wire.WireMessage.Durable;
import org.understudy.replication.wire.WireMessage.Failed;
import org.understudy.replication.wire.WireMessage.GoBack;
import org.understudy.replication.wire.WireMessage.Hello;
import org.understudy.replication.wire.WireMessage.Kept;
import org.understudy.replication.wire.WireMessage.Pulse;
import org.understudy.replication.wire.WireMessage.SegmentBytes;
import org.understudy.replication.wire.WireMessage.SegmentEnd;
import org.understudy.replication.wire.WireMessage.SegmentStart;
import org.understudy.replication.wire.WireMessage.Standing;
import org.understudy.replication.wire.WireMessage.State;
import org.understudy.replication.wire.WireMessage.Welcome;
import org.understudy.replication.wire.WireMessage.WentBack;

/**
 * The target's side of one connection after the greeting: puts what comes into the replica's session, in the order that
 * the protocol allows and no other. Runs on the connection's thread until the source hangs up or something fails.
 */
final class ReplicaConversation {
    private static final Logger LOGGER = LoggerFactory.getLogger(ReplicaConversation.class);

    private final WireChannel channel;
    private final ReplicaSession session;
    private final int version;
    private Optional<SegmentReceiver> receiver = Optional.empty();
    private long left;
    private Optional<IncomingState> incoming = Optional.empty();

    /** @param version that the source speaks */
    ReplicaConversation(WireChannel channel, ReplicaSession session, int version) {
        this.channel = channel;
        this.session = session;
        this.version = version;
    }

    /**
     * Serves until the connection ends, which it tells by an {@link IOException}.
     *
     * @throws FailureException what the replica refused or could not do
     */
    void run() throws IOException {
        try {
            TargetStanding standing = replica(session::standing);
            channel.write(version < WireCodec.VERSION_OF_STANDING ? new Welcome(standing) : new Standing(standing));
            if (version >= WireCodec.VERSION_OF_STATE) {
                channel.write(new Kept(replica(session::keptState)));
            }
            while (true) {
                take(channel.read());
            }
        } finally {
            receiver.ifPresent(ReplicaConversation::letGo);
        }
    }

    private void take(WireMessage message) throws IOException {
        if (incoming.isPresent() && !(message instanceof State || message instanceof Pulse)) {
            throw new WireViolation("a machine state was interrupted");
        }
        switch (message) {
            case Pulse _ -> { }
            case SegmentStart start -> begin(start);
            case SegmentBytes(ByteBuffer bytes) -> accept(bytes);
            case SegmentEnd _ -> finish();
            case Defined(LogPosition position, String definition) -> define(position, definition);
            case State state -> keep(state);
            case Acknowledge(LogPosition position) -> acknowledge(position);
            case GoBack(LogPosition position) -> goBack(position);
            case Compare(HashRequest request) -> compare(request);
            case Hello _, Welcome _, Standing _, Kept _, Durable _, Acknowledged _, WentBack _, Compared _,
                    Failed _ ->
                    throw new WireViolation("the source said " + message.getClass().getSimpleName()
                            + ", which is not its to say here");
        }
    }

    private void begin(SegmentStart start) throws IOException {
        if (receiver.isPresent()) {
            throw new WireViolation("a segment began within another");
        }
        receiver = Optional.of(replica(() -> session.receive(start.offer())));
        left = start.offer().length().bytes() - start.offer().fromOffset();
    }

    private void accept(ByteBuffer bytes) throws IOException {
        SegmentReceiver open = open();
        left -= bytes.remaining();
        if (left < 0) {
            throw new WireViolation("a segment has " + -left + " bytes more than its length");
        }
        replica(() -> {
            open.accept(bytes);
            return open;
        });
    }

    private void finish() throws IOException {
        SegmentReceiver open = open();
        if (left != 0) {
            throw new WireViolation("a segment ended " + left + " bytes before its length");
        }
        replica(() -> {
            open.durable();
            return open;
        });
        receiver = Optional.empty();
        letGo(open);
        channel.write(new Durable());
    }

    private void define(LogPosition position, String definition) throws IOException {
        if (receiver.isPresent()) {
            throw new WireViolation("a definition came within a segment");
        }
        replica(() -> {
            session.define(position, definition);
            return position;
        });
    }

    private void keep(State part) throws IOException {
        if (receiver.isPresent() || version < WireCodec.VERSION_OF_STATE) {
            throw new WireViolation("a machine state came out of turn");
        }
        IncomingState state = incoming.isPresent() ? incoming.get() : new IncomingState(part);
        incoming = Optional.of(state);
        Optional<MachineState> whole = state.take(part);
        if (whole.isPresent()) {
            incoming = Optional.empty();
            replica(() -> {
                session.keep(part.position(), whole.get());
                return part;
            });
        }
    }

    private void acknowledge(LogPosition position) throws IOException {
        if (receiver.isPresent()) {
            throw new WireViolation("an acknowledgement was asked for within a segment");
        }
        replica(() -> {
            session.acknowledge(position);
            return position;
        });
        channel.write(new Acknowledged(position));
    }

    private void goBack(LogPosition position) throws IOException {
        if (receiver.isPresent()) {
            throw new WireViolation("it was to go back within a segment");
        }
        replica(() -> {
            session.goBackTo(position);
            return position;
        });
        channel.write(new WentBack(position));
    }

    private void compare(HashRequest request) throws IOException {
        if (receiver.isPresent()) {
            throw new WireViolation("it was asked for hashes within a segment");
        }
        channel.write(new Compared(replica(() -> session.hashes(request))));
    }

    private SegmentReceiver open() throws WireViolation {
        return receiver.orElseThrow(() -> new WireViolation("bytes came that belong to no segment"));
    }

    private static void letGo(SegmentReceiver receiver) {
        try {
            receiver.close();
        } catch (IOException e) {
            // It is durable or will be asked for again: nothing that was promised depends on it.
            LOGGER.warn("segment was not closed cleanly", e);
        }
    }

    /** A call into the replica, whose own troubles are told to the source as such, apart from those of the link. */
    static <T> T replica(ReplicaCall<T> call) {
        try {
            return call.run();
        } catch (FailureException e) {
            throw e;
        } catch (IOException e) {
            boolean full = DiskFull.isSaidBy(e);
            throw FailureException.of(
                    full ? FailureCode.TARGET_STORAGE_FULL : FailureCode.TARGET_IO_FAILED,
                    "The target failed at storing: " + e.getMessage()).causedBy(e);
        } catch (RuntimeException e) {
            LOGGER.error("replica met a defect", e);
            throw FailureException.of(FailureCode.INTERNAL_ERROR, "The target met a defect: " + e).causedBy(e);
        }
    }

    /** A call into the replica. */
    @FunctionalInterface
    interface ReplicaCall<T> {
        T run() throws IOException;
    }
}
