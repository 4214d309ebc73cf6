package org.understudy.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.ByteArrayOutputStream;
import java.net.ConnectException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.HashMap;
import java.util.List;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;

/** A target in memory and the link to it, with faults to order. What it holds survives any session. */
final class MemoryTarget implements TargetDialer {
    private final List<String> definitions = new ArrayList<>();
    private final NavigableMap<Long, MachineState> states = new TreeMap<>(Map.of(0L, MachineState.NONE));
    private static final int PIECE_BYTES = 100;

    private final ManualPace pace;
    private LogPosition acknowledged = LogPosition.startOf(1);
    private final Map<DiskName, ByteArrayOutputStream> next = new HashMap<>();
    private final Set<DiskName> durable = new HashSet<>();
    private boolean reachable = true;
    private boolean hangs;
    private long bytesUntilCut = Long.MAX_VALUE;
    private boolean losesAcknowledgement;
    private Optional<FailureException> refusal = Optional.empty();
    private int damages;
    private Optional<LogPosition> wholeUpTo = Optional.empty();
    private long received;
    boolean answersAbout = true;
    /** Not as one of an earlier release. */
    boolean keepsStates = true;
    int statesTold;
    int questions;
    int dials;
    int knocks;

    MemoryTarget(ManualPace pace) {
        this.pace = pace;
    }

    synchronized void standAt(LogPosition position) {
        acknowledged = position;
    }

    synchronized void reachable(boolean reachable) {
        this.reachable = reachable;
    }

    void hang(boolean hangs) {
        synchronized (this) {
            this.hangs = hangs;
        }
        pace.stir();
    }

    synchronized void cutAfter(long bytes) {
        bytesUntilCut = bytes;
    }

    synchronized void loseNextAcknowledgement() {
        losesAcknowledgement = true;
    }

    synchronized void refuse(FailureException failure) {
        refusal = Optional.of(failure);
    }

    synchronized void refuseNoMore() {
        refusal = Optional.empty();
    }

    /** The last disk's segment is found damaged, and dropped, that many times. */
    synchronized void damage(int times) {
        damages = times;
    }

    /** A log after that position, acknowledged and not applied, is found damaged. */
    synchronized void damageJournalAfter(LogPosition position) {
        wholeUpTo = Optional.of(position);
    }

    /** Every definition that was told, each with its position. */
    synchronized List<String> definitions() {
        return List.copyOf(definitions);
    }

    /** What the machine kept at a position, as far as was told. */
    synchronized MachineState state(long sequence) {
        return states.floorEntry(sequence).getValue();
    }

    synchronized LogPosition acknowledged() {
        return acknowledged;
    }

    /** Bytes of segments that came over the link, twice when sent twice. */
    synchronized long received() {
        return received;
    }

    @Override
    public synchronized TargetEnd dial(long generation) throws IOException {
        dials++;
        if (!reachable) {
            throw new ConnectException("no route to target");
        }
        refusal.ifPresent(failure -> {
            throw failure;
        });
        // What was told of a position that was not acknowledged is told again.
        states.tailMap(acknowledged.sequence(), false).clear();
        return new Session();
    }

    @Override
    public synchronized boolean reachable() {
        knocks++;
        return reachable;
    }

    private synchronized TargetStanding standingNow() {
        Map<DiskName, TargetStanding.Held> held = new HashMap<>();
        next.forEach((disk, bytes) -> held.put(disk, new TargetStanding.Held(
                new ByteCount(bytes.size()), acknowledged.next().hashCode())));
        return new TargetStanding(acknowledged, held, wholeUpTo);
    }

    private synchronized void goBackNow(LogPosition position) {
        if (!wholeUpTo.equals(Optional.of(position))) {
            throw FailureException.of(FailureCode.REQUEST_INVALID, "It is not whole up to " + position + ".");
        }
        wholeUpTo = Optional.empty();
        acknowledged = position;
        states.tailMap(position.sequence(), false).clear();
        next.clear();
        durable.clear();
    }

    private synchronized boolean hangs() {
        return hangs;
    }

    private synchronized void take(DiskName disk, ByteBuffer piece) throws IOException {
        if (!reachable || bytesUntilCut <= 0) {
            bytesUntilCut = Long.MAX_VALUE;
            throw new IOException("cut");
        }
        int length = (int) Math.min(piece.remaining(), bytesUntilCut);
        next.computeIfAbsent(disk, _ -> new ByteArrayOutputStream()).write(piece.array(), 0, length);
        received += length;
        bytesUntilCut -= bytesUntilCut == Long.MAX_VALUE ? 0 : length;
        if (length < piece.remaining()) {
            bytesUntilCut = Long.MAX_VALUE;
            throw new IOException("cut");
        }
    }

    private synchronized void finish(Segment segment) {
        if (damages > 0 && segment.disk().equals(MemorySource.DISKS.getLast())) {
            damages--;
            next.remove(segment.disk());
            throw FailureException.of(FailureCode.CHANGE_LOG_CORRUPT, "frame 3 of disk " + segment.disk());
        }
        assertThat(next.get(segment.disk()).toByteArray()).isEqualTo(((MemorySegment) segment).bytes());
        durable.add(segment.disk());
    }

    private synchronized void acknowledgeNow(LogPosition position) throws IOException {
        assertThat(position).isEqualTo(acknowledged.next());
        assertThat(durable).containsExactlyInAnyOrderElementsOf(MemorySource.DISKS);
        acknowledged = position;
        next.clear();
        durable.clear();
        if (losesAcknowledgement) {
            losesAcknowledgement = false;
            throw new IOException("cut before the answer");
        }
    }

    private final class Session implements TargetEnd {
        private volatile boolean closed;
        private volatile long sent;

        @Override
        public TargetStanding standing() throws IOException {
            checkOpen();
            return standingNow();
        }

        @Override
        public void ship(Segment segment, long fromOffset) throws IOException {
            assertThat(fromOffset).isEqualTo(standingNow().held(segment).bytes());
            assertThat(segment.position()).isEqualTo(acknowledged().next());
            ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
            try (ReadableByteChannel bytes = segment.openAt(fromOffset)) {
                while (bytes.read(piece.clear()) > 0) {
                    pace.block(() -> !hangs() || closed);
                    checkOpen();
                    sent = sent + piece.flip().remaining();
                    take(segment.disk(), piece);
                }
            } catch (InterruptedException e) {
                throw new InterruptedIOException();
            }
            finish(segment);
        }

        @Override
        public void define(LogPosition position, String machineDefinition) throws IOException {
            checkOpen();
            synchronized (MemoryTarget.this) {
                assertThat(position).isEqualTo(acknowledged.next());
                definitions.add(position.sequence() + " " + machineDefinition);
            }
        }

        @Override
        public Optional<StateDigest> keptState() {
            synchronized (MemoryTarget.this) {
                return keepsStates ? Optional.of(states.floorEntry(acknowledged.sequence()).getValue().digest())
                        : Optional.empty();
            }
        }

        @Override
        public void keep(LogPosition position, MachineState state) throws IOException {
            checkOpen();
            synchronized (MemoryTarget.this) {
                assertThat(position).isEqualTo(acknowledged.next());
                statesTold++;
                if (keepsStates) {
                    states.put(position.sequence(), state);
                }
            }
        }

        @Override
        public void acknowledge(LogPosition position) throws IOException {
            checkOpen();
            acknowledgeNow(position);
        }

        @Override
        public HashAnswer hashes(HashRequest request) throws IOException {
            checkOpen();
            synchronized (MemoryTarget.this) {
                questions++;
                if (!answersAbout || !request.position().equals(acknowledged)) {
                    return new HashAnswer.NotNow("it is not applied");
                }
                return new HashAnswer.Hashes(ByteBuffer.allocate(request.blocks() * HashAnswer.HASH_BYTES));
            }
        }

        @Override
        public void goBackTo(LogPosition position) throws IOException {
            checkOpen();
            goBackNow(position);
        }

        private void checkOpen() throws IOException {
            synchronized (MemoryTarget.this) {
                if (closed || !reachable) {
                    throw new IOException("the session is lost");
                }
            }
        }

        @Override
        public ByteCount sent() {
            return new ByteCount(sent);
        }

        @Override
        public void close() {
            closed = true;
            pace.stir();
        }
    }
}
