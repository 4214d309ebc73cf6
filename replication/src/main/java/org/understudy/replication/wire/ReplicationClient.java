package org.understudy.replication.wire;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLException;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.LogPosition;
import org.understudy.replication.HashAnswer;
import org.understudy.replication.HashRequest;
import org.understudy.replication.MachineState;
import org.understudy.replication.Segment;
import org.understudy.replication.SegmentOffer;
import org.understudy.replication.StateDigest;
import org.understudy.replication.TargetEnd;
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
 * The source's side of one connection. The caller's thread writes; a thread of its own always reads, so that the
 * target's pulses and its refusals are heard while a long segment is on its way.
 */
public final class ReplicationClient implements TargetEnd {
    /** How long a writer whose connection broke waits for the reason that may still lie unread. */
    private static final Duration REASON_MAX = Duration.ofSeconds(1);

    private final WireChannel channel;
    private final int version;
    private final byte[] frame = new byte[WireCodec.HEADER_BYTES + WireCodec.SEGMENT_BYTES];
    private final Lock lock = new ReentrantLock();
    private final Condition heard = lock.newCondition();
    private Optional<WireMessage> answer = Optional.empty();
    private Optional<Failure> refusal = Optional.empty();
    private Optional<IOException> lost = Optional.empty();
    private final Optional<StateDigest> keptState;
    private TargetStanding standing;

    private ReplicationClient(
            WireChannel channel, int version, TargetStanding standing, Optional<StateDigest> keptState) {
        this.channel = channel;
        this.version = version;
        this.standing = standing;
        this.keptState = keptState;
    }

    /** Opens a session over a fresh channel, which is closed when that fails. */
    static ReplicationClient open(WireChannel channel, HostId target, Hello hello) throws IOException {
        try {
            PeerIdentity peer = channel.handshake();
            if (!peer.host().equals(target)) {
                throw PeerIdentity.refusal("at " + channel.peerAddress() + " answers host " + peer.host()
                        + ", and the target is host " + target);
            }
            channel.write(hello);
            channel.established();
            TargetStanding standing = welcome(channel);
            ReplicationClient client = new ReplicationClient(channel, hello.version(), standing,
                    hello.version() < WireCodec.VERSION_OF_STATE ? Optional.empty() : Optional.of(kept(channel)));
            Thread.ofVirtual().name("understudy-wire-read-" + hello.relationship()).start(client::read);
            return client;
        } catch (SSLException e) {
            channel.close();
            throw trusted(e, channel.peerAddress());
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static TargetStanding welcome(WireChannel channel) throws IOException {
        while (true) {
            switch (channel.read()) {
                case Welcome(TargetStanding standing) -> {
                    return standing;
                }
                case Standing(TargetStanding standing) -> {
                    return standing;
                }
                case Failed(Failure failure) -> throw ofOneRelease(failure).asException();
                case Pulse _ -> { }
                case Hello _, SegmentStart _, SegmentBytes _, SegmentEnd _, Durable _, Defined _, State _, Kept _,
                        Acknowledge _, Acknowledged _, GoBack _, WentBack _, Compare _, Compared _ ->
                        throw new WireViolation("the target did not answer the greeting");
            }
        }
    }

    /** What it says next, in the versions that know of it. */
    private static StateDigest kept(WireChannel channel) throws IOException {
        while (true) {
            switch (channel.read()) {
                case Kept(StateDigest digest) -> {
                    return digest;
                }
                case Failed(Failure failure) -> throw failure.asException();
                case Pulse _ -> { }
                case WireMessage other -> throw new WireViolation("the target said "
                        + other.getClass().getSimpleName() + " and not what it keeps");
            }
        }
    }

    /** A greeting can violate nothing but the version, and that passes when the other host is updated as well. */
    private static Failure ofOneRelease(Failure refusal) {
        return refusal.code() == FailureCode.PROTOCOL_VIOLATED
                ? FailureException.of(FailureCode.AGENTS_DIFFER, refusal.message()).failure() : refusal;
    }

    /** A certificate that is not accepted, on either side, needs a hand; any other break of TLS is a lost link. */
    private static IOException trusted(SSLException e, String address) {
        CertificateProblem.ofPeer(e).ifPresent(why -> {
            throw PeerIdentity.refusal("the certificate shown at " + address + " is not accepted: " + why);
        });
        CertificateProblem.ofOurs(e).ifPresent(why -> {
            throw PeerIdentity.refusal(address + " does not accept the certificate of this host: " + why);
        });
        return e;
    }

    private void read() {
        try {
            while (true) {
                switch (channel.read()) {
                    case Pulse _ -> { }
                    case Durable durable -> hear(durable);
                    case Acknowledged acknowledged -> hear(acknowledged);
                    case WentBack back -> hear(back);
                    case Compared compared -> hear(compared);
                    case Failed(Failure failure) -> {
                        end(Optional.of(failure), new IOException("the target ended the session"));
                        return;
                    }
                    case Hello _, Welcome _, Standing _, Kept _, SegmentStart _, SegmentBytes _, SegmentEnd _,
                            Defined _, State _, Acknowledge _, GoBack _, Compare _ ->
                            throw new WireViolation("the target said what only a source says");
                }
            }
        } catch (IOException e) {
            end(Optional.empty(), e);
        }
    }

    private void hear(WireMessage message) throws WireViolation {
        lock.lock();
        try {
            if (answer.isPresent()) {
                throw new WireViolation("the target answered twice");
            }
            answer = Optional.of(message);
            heard.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void end(Optional<Failure> failure, IOException why) {
        lock.lock();
        try {
            refusal = failure;
            lost = Optional.of(why);
            heard.signalAll();
        } finally {
            lock.unlock();
        }
        channel.close();
    }

    @Override
    public TargetStanding standing() throws IOException {
        lock.lock();
        try {
            throwIfOver();
            return standing;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void ship(Segment segment, long fromOffset) throws IOException {
        write(new SegmentStart(SegmentOffer.of(segment, fromOffset)));
        sendBytes(segment, fromOffset);
        write(new SegmentEnd());
        WireMessage told = answer();
        if (!(told instanceof Durable)) {
            throw violated("answered " + told + " to a segment");
        }
        held(segment);
    }

    private void sendBytes(Segment segment, long fromOffset) throws IOException {
        long left = segment.length().bytes() - fromOffset;
        try (ReadableByteChannel bytes = opened(segment, fromOffset)) {
            while (left > 0) {
                int wanted = (int) Math.min(left, WireCodec.SEGMENT_BYTES);
                ByteBuffer into = ByteBuffer.wrap(frame, WireCodec.HEADER_BYTES, wanted);
                fill(segment, bytes, into);
                WireCodec.segmentBytesHeader(frame, wanted);
                try {
                    channel.write(frame, WireCodec.HEADER_BYTES + wanted);
                } catch (IOException e) {
                    throw reasonOf(e);
                }
                left -= wanted;
            }
        }
    }

    private static ReadableByteChannel opened(Segment segment, long offset) {
        try {
            return segment.openAt(offset);
        } catch (IOException e) {
            throw unreadable(segment, e.toString());
        }
    }

    private static void fill(Segment segment, ReadableByteChannel bytes, ByteBuffer into) {
        try {
            while (into.hasRemaining()) {
                if (bytes.read(into) < 0) {
                    throw unreadable(segment, "it ends " + into.remaining() + " bytes too early");
                }
            }
        } catch (IOException e) {
            throw unreadable(segment, e.toString());
        }
    }

    private static FailureException unreadable(Segment segment, String why) {
        return FailureException.of(FailureCode.SOURCE_IO_FAILED, "The segment of disk " + segment.disk() + " at "
                + segment.position() + " cannot be read at the source: " + why + ".");
    }

    @Override
    public void define(LogPosition position, String machineDefinition) throws IOException {
        write(new Defined(position, machineDefinition));
    }

    @Override
    public Optional<StateDigest> keptState() {
        return keptState;
    }

    @Override
    public void keep(LogPosition position, MachineState state) throws IOException {
        if (version < WireCodec.VERSION_OF_STATE) {
            return;
        }
        int length = state.bytes().length;
        int offset = 0;
        do {
            ByteBuffer part = ByteBuffer.wrap(
                    state.bytes(), offset, Math.min(WireCodec.STATE_BYTES, length - offset)).asReadOnlyBuffer();
            write(new State(position, state.digest(), length, offset, part));
            offset += part.remaining();
        } while (offset < length);
    }

    @Override
    public void acknowledge(LogPosition position) throws IOException {
        write(new Acknowledge(position));
        WireMessage told = answer();
        if (!told.equals(new Acknowledged(position))) {
            throw violated("answered " + told + " when asked to acknowledge " + position);
        }
        stand(TargetStanding.at(position));
    }

    private void stand(TargetStanding now) {
        lock.lock();
        try {
            standing = now;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void goBackTo(LogPosition position) throws IOException {
        write(new GoBack(position));
        WireMessage told = answer();
        if (!told.equals(new WentBack(position))) {
            throw violated("answered " + told + " when asked to go back to " + position);
        }
        stand(TargetStanding.at(position));
    }

    @Override
    public HashAnswer hashes(HashRequest request) throws IOException {
        if (version < WireCodec.VERSION_OF_STANDING) {
            return new HashAnswer.NeverHeardOf();
        }
        write(new Compare(request));
        WireMessage told = answer();
        return switch (told) {
            case Compared(HashAnswer.NotNow notNow) -> notNow;
            case Compared(HashAnswer.Hashes hashes)
                    when hashes.bytes().remaining() == request.blocks() * HashAnswer.HASH_BYTES -> hashes;
            case WireMessage other -> throw violated("answered " + other + " when asked about " + request.blocks()
                    + " blocks");
        };
    }

    private void held(Segment segment) {
        lock.lock();
        try {
            Map<DiskName, TargetStanding.Held> held = new HashMap<>(standing.held());
            held.put(segment.disk(), new TargetStanding.Held(segment.length(), segment.capture()));
            standing = new TargetStanding(standing.acknowledged(), held);
        } finally {
            lock.unlock();
        }
    }

    private void write(WireMessage message) throws IOException {
        try {
            channel.write(message);
        } catch (IOException e) {
            throw reasonOf(e);
        }
    }

    private WireMessage answer() throws IOException {
        lock.lock();
        try {
            // No limit of its own: the watch ends a lost link, and a target that takes long to force says so by pulses.
            while (answer.isEmpty() && lost.isEmpty()) {
                heard.await();
            }
            if (answer.isEmpty()) {
                throwIfOver();
            }
            WireMessage told = answer.orElseThrow();
            answer = Optional.empty();
            return told;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the target had not answered");
        } finally {
            lock.unlock();
        }
    }

    /** The broken write's better reason: what the target said before it hung up. */
    private IOException reasonOf(IOException broken) {
        lock.lock();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(REASON_MAX.toMillis());
            while (lost.isEmpty() && left > 0) {
                left = heard.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
        refusal.ifPresent(failure -> {
            throw failure.asException();
        });
        return broken;
    }

    private void throwIfOver() throws IOException {
        refusal.ifPresent(failure -> {
            throw failure.asException();
        });
        if (lost.isPresent()) {
            throw new IOException(lost.get().getMessage(), lost.get());
        }
    }

    private IOException violated(String how) {
        close();
        return new WireViolation("the target " + how);
    }

    @Override
    public ByteCount sent() {
        return new ByteCount(channel.sent());
    }

    @Override
    public void close() {
        channel.abort("the session was closed");
    }
}
