package org.understudy.replication.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.replication.Greeting;
import org.understudy.replication.HashAnswer;
import org.understudy.replication.HashRequest;
import org.understudy.replication.MachineState;
import org.understudy.replication.ReplicaAccess;
import org.understudy.replication.ReplicaSession;
import org.understudy.replication.SegmentOffer;
import org.understudy.replication.SegmentReceiver;
import org.understudy.replication.StateDigest;
import org.understudy.replication.TargetStanding;

/** The replica of one item in memory, behind a server, with faults to order. What it holds survives any session. */
final class MemoryReplica implements ReplicaAccess {
    private final ItemId item;
    private final HostId source;
    private LogPosition acknowledged = LogPosition.startOf(1);
    private final Map<DiskName, ByteArrayOutputStream> next = new HashMap<>();
    private final Set<DiskName> durable = new HashSet<>();
    private Optional<Exception> fault = Optional.empty();
    private long faultAfter;
    private long received;
    private String machineDefinition = "";
    private final NavigableMap<LogPosition, MachineState> states = new TreeMap<>(LogPosition.ORDER);
    private Optional<LogPosition> wholeUpTo = Optional.empty();
    final AtomicInteger openSessions = new AtomicInteger();
    final AtomicInteger sessionsEver = new AtomicInteger();
    volatile CountDownLatch durableGate = new CountDownLatch(0);
    volatile CountDownLatch standingGate = new CountDownLatch(0);

    MemoryReplica(ItemId item, HostId source) {
        this.item = item;
        this.source = source;
        states.put(acknowledged, MachineState.NONE);
    }

    synchronized void failAfter(long bytes, Exception failure) {
        faultAfter = received + bytes;
        fault = Optional.of(failure);
    }

    synchronized void damageJournalAfter(LogPosition position) {
        wholeUpTo = Optional.of(position);
    }

    synchronized LogPosition acknowledged() {
        return acknowledged;
    }

    synchronized byte[] held(DiskName disk) {
        return next.getOrDefault(disk, new ByteArrayOutputStream()).toByteArray();
    }

    synchronized long received() {
        return received;
    }

    /** What it has of a position. */
    synchronized MachineState stateAt(LogPosition position) {
        return states.floorEntry(position).getValue();
    }

    /** What it was told last, and from which position on. */
    synchronized MachineState state() {
        return states.lastEntry().getValue();
    }

    synchronized LogPosition statePosition() {
        return states.lastKey();
    }

    synchronized String machineDefinition() {
        return machineDefinition;
    }

    @Override
    public synchronized ReplicaSession open(Greeting greeting) {
        if (!greeting.relationship().item().equals(item) || !greeting.source().equals(source)) {
            throw FailureException.of(FailureCode.RELATIONSHIP_REFUSED,
                    "Host " + greeting.source() + " is not the source of item " + greeting.relationship().item() + ".");
        }
        if (openSessions.get() > 0) {
            throw new AssertionError("two sessions at once");
        }
        openSessions.incrementAndGet();
        sessionsEver.incrementAndGet();
        return new Session();
    }

    private synchronized TargetStanding standingNow() {
        states.tailMap(acknowledged, false).clear();
        Map<DiskName, TargetStanding.Held> held = new HashMap<>();
        next.forEach((disk, bytes) -> held.put(disk, new TargetStanding.Held(
                new ByteCount(bytes.size()), acknowledged.next().hashCode())));
        return new TargetStanding(acknowledged, held, wholeUpTo);
    }

    private synchronized void take(DiskName disk, ByteBuffer bytes) throws IOException {
        if (fault.isPresent() && received + bytes.remaining() >= faultAfter) {
            Exception failure = fault.get();
            fault = Optional.empty();
            switch (failure) {
                case IOException e -> throw e;
                case RuntimeException e -> throw e;
                default -> throw new AssertionError(failure);
            }
        }
        byte[] piece = new byte[bytes.remaining()];
        bytes.get(piece);
        next.computeIfAbsent(disk, _ -> new ByteArrayOutputStream()).writeBytes(piece);
        received += piece.length;
    }

    private synchronized void acknowledgeNow(LogPosition position) {
        if (!position.equals(acknowledged.next()) || !durable.containsAll(next.keySet())) {
            throw FailureException.of(FailureCode.PROTOCOL_VIOLATED, "Position " + position + " is not durable.");
        }
        acknowledged = position;
        next.clear();
        durable.clear();
    }

    private final class Session implements ReplicaSession {
        @Override
        public TargetStanding standing() throws IOException {
            try {
                standingGate.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            return standingNow();
        }

        @Override
        public SegmentReceiver receive(SegmentOffer offer) {
            DiskName disk = offer.disk();
            if (offer.fromOffset() != held(disk).length || !offer.position().equals(acknowledged().next())) {
                throw FailureException.of(FailureCode.PROTOCOL_VIOLATED,
                        "Offset " + offer.fromOffset() + " of " + offer.position() + " is not next.");
            }
            return new SegmentReceiver() {
                @Override
                public void accept(ByteBuffer bytes) throws IOException {
                    take(disk, bytes);
                }

                @Override
                public void durable() throws IOException {
                    try {
                        durableGate.await();
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                    synchronized (MemoryReplica.this) {
                        durable.add(disk);
                    }
                }

                @Override
                public void close() {
                    // Nothing is held open.
                }
            };
        }

        @Override
        public void define(LogPosition position, String definition) {
            synchronized (MemoryReplica.this) {
                machineDefinition = position + " " + definition;
            }
        }

        @Override
        public StateDigest keptState() {
            synchronized (MemoryReplica.this) {
                return state().digest();
            }
        }

        @Override
        public void keep(LogPosition position, MachineState told) {
            synchronized (MemoryReplica.this) {
                states.put(position, told);
            }
        }

        @Override
        public void acknowledge(LogPosition position) {
            acknowledgeNow(position);
        }

        @Override
        public HashAnswer hashes(HashRequest request) {
            if (!request.position().equals(acknowledged())) {
                return new HashAnswer.NotNow("it is not applied yet");
            }
            ByteBuffer hashes = ByteBuffer.allocate(request.blocks() * HashAnswer.HASH_BYTES);
            while (hashes.hasRemaining()) {
                hashes.put((byte) (request.firstBlock() + hashes.position()));
            }
            return new HashAnswer.Hashes(hashes.flip());
        }

        @Override
        public void goBackTo(LogPosition position) {
            synchronized (MemoryReplica.this) {
                if (!wholeUpTo.equals(Optional.of(position))) {
                    throw FailureException.of(FailureCode.PROTOCOL_VIOLATED, "It is not whole up to " + position + ".");
                }
                wholeUpTo = Optional.empty();
                acknowledged = position;
                next.clear();
                durable.clear();
            }
        }

        @Override
        public void close() {
            openSessions.decrementAndGet();
        }
    }
}
