package org.understudy.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
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
import org.understudy.replication.HashAnswer;
import org.understudy.replication.HashRequest;
import org.understudy.replication.MachineState;
import org.understudy.replication.Segment;
import org.understudy.replication.StateDigest;
import org.understudy.replication.TargetDialer;
import org.understudy.replication.TargetEnd;
import org.understudy.replication.TargetStanding;

/**
 * A target host and the link to it. What is written and not forced may be lost when the host dies; what is forced and
 * what was acknowledged may not.
 */
final class SimulatedTarget implements TargetDialer {
    private static final int PIECE_BYTES = 64;
    private static final long STALL_NANOS = Duration.ofSeconds(15).toNanos();

    private final Simulation simulation;
    private final boolean forcesBeforeItSaysDurable;
    private LogPosition acknowledged = LogPosition.startOf(1);
    private final Map<LogPosition, Map<DiskName, byte[]>> journal = new HashMap<>();
    private final Map<LogPosition, Map<DiskName, byte[]>> unforced = new HashMap<>();
    private final Map<DiskName, byte[]> partial = new HashMap<>();
    private final Map<DiskName, Long> captures = new HashMap<>();
    private final Set<DiskName> durable = new HashSet<>();
    private Optional<FailureException> refusal = Optional.empty();
    private long incarnation;
    private boolean linkUp = true;
    private Optional<LogPosition> wholeUpTo = Optional.empty();
    /** What the disks hold at each position, once all up to it is applied. */
    private final Map<LogPosition, SimulatedDisks> contents = new HashMap<>();
    private LogPosition applied = LogPosition.startOf(1);
    /** What it was told that the machine keeps, from each position on. */
    private final NavigableMap<LogPosition, MachineState> states = new TreeMap<>(LogPosition.ORDER);
    private final Set<LogPosition> unforcedStates = new HashSet<>();
    private boolean forcesStates = true;

    /** A target that does not force is wrong; that the checks find it out is what proves them. */
    SimulatedTarget(Simulation simulation, boolean forcesBeforeItSaysDurable) {
        this.simulation = simulation;
        this.forcesBeforeItSaysDurable = forcesBeforeItSaysDurable;
        contents.put(acknowledged, new SimulatedDisks());
        states.put(acknowledged, MachineState.NONE);
    }

    /** That is wrong: a position is acknowledged before what the machine keeps from it on is durable. */
    void forceNoStates() {
        forcesStates = false;
    }

    /** What the machine kept at a position, as far as was told. */
    MachineState state(LogPosition position) {
        return states.floorEntry(position).getValue();
    }

    /** What the disks hold at a position that it has. */
    SimulatedDisks content(LogPosition position) {
        return contents.get(position);
    }

    void link(boolean up) {
        linkUp = up;
    }

    void refuse(FailureException failure) {
        refusal = Optional.of(failure);
    }

    void refuseNoMore() {
        refusal = Optional.empty();
    }

    /** The host dies and is back at once: sessions end, what was not forced is gone from some byte on. */
    void crash() {
        incarnation++;
        unforced.clear();
        states.keySet().removeAll(unforcedStates);
        unforcedStates.clear();
        partial.replaceAll((disk, bytes) -> durable.contains(disk) && forcesBeforeItSaysDurable ? bytes
                : Arrays.copyOf(bytes, simulation.random().nextInt(bytes.length + 1)));
        if (!forcesBeforeItSaysDurable) {
            durable.clear();
        }
    }

    /** The host is restored to an earlier day: what came after is gone, for its owner wanted that. */
    void restoreEarlier(int positions) {
        giveUpAfter(new LogPosition(1, Math.max(0, acknowledged.sequence() - positions)));
        incarnation++;
    }

    /** Something that was acknowledged lately turns out to be damaged. */
    void damageJournal(int positions) {
        if (acknowledged.sequence() > positions) {
            wholeUpTo = Optional.of(new LogPosition(1, acknowledged.sequence() - positions));
            applied = wholeUpTo.get();
            incarnation++;
        }
    }

    private void giveUpAfter(LogPosition position) {
        acknowledged = position;
        applied = applied.isAfter(position) ? position : applied;
        contents.keySet().removeIf(kept -> kept.isAfter(position));
        states.tailMap(position, false).clear();
        wholeUpTo = Optional.empty();
        journal.keySet().removeIf(kept -> kept.isAfter(position));
        unforced.keySet().removeIf(kept -> kept.isAfter(position));
        partial.clear();
        captures.clear();
        durable.clear();
    }

    LogPosition acknowledged() {
        return acknowledged;
    }

    /** What is held of a position for sure; empty when it is not. */
    Map<DiskName, byte[]> held(LogPosition position) {
        return journal.getOrDefault(position, unforced.getOrDefault(position, Map.of()));
    }

    @Override
    public TargetEnd dial(long generation) throws IOException {
        turn(Duration.ofMillis(simulation.random().nextInt(20)));
        if (!linkUp) {
            throw new ConnectException("no route");
        }
        refusal.ifPresent(failure -> {
            throw failure;
        });
        states.tailMap(acknowledged, false).clear();
        return new Session(incarnation);
    }

    @Override
    public boolean reachable() {
        return linkUp;
    }

    private void turn(Duration duration) throws IOException {
        try {
            simulation.pass(duration);
        } catch (InterruptedException e) {
            throw new InterruptedIOException();
        }
    }

    private final class Session implements TargetEnd {
        private final long opened;
        private boolean closed;
        private final StateDigest kept = state(acknowledged).digest();
        private long sent;

        Session(long opened) {
            this.opened = opened;
        }

        private boolean lost() {
            return closed || opened != incarnation;
        }

        /** One message crosses the link, or the session is lost. */
        private void cross() throws IOException {
            if (wholeUpTo.isEmpty() && acknowledged.isAfter(applied) && simulation.random().nextInt(3) == 0) {
                applied = applied.next();
            }
            turn(Duration.ofMillis(simulation.random().nextInt(5)));
            try {
                simulation.await(() -> linkUp || lost(), STALL_NANOS);
            } catch (InterruptedException e) {
                throw new InterruptedIOException();
            }
            if (!linkUp || lost()) {
                closed = true;
                throw new IOException("the link was lost");
            }
            refusal.ifPresent(failure -> {
                closed = true;
                throw failure;
            });
        }

        @Override
        public TargetStanding standing() throws IOException {
            if (lost()) {
                throw new IOException("the session is over");
            }
            Map<DiskName, TargetStanding.Held> held = new HashMap<>();
            partial.forEach((disk, bytes) -> held.put(disk, new TargetStanding.Held(
                    new ByteCount(bytes.length), captures.get(disk))));
            return new TargetStanding(acknowledged, held, wholeUpTo);
        }

        @Override
        public HashAnswer hashes(HashRequest request) throws IOException {
            cross();
            if (!applied.equals(acknowledged) || !request.position().equals(acknowledged)) {
                return new HashAnswer.NotNow("it is not applied");
            }
            ByteBuffer hashes = ByteBuffer.allocate(request.blocks() * HashAnswer.HASH_BYTES);
            for (int i = 0; i < request.blocks(); i++) {
                hashes.put(SimulatedDisks.hash(request.key(),
                        contents.get(applied).get(request.disk(), (int) request.firstBlock() + i)));
            }
            HashAnswer answer = new HashAnswer.Hashes(hashes.flip());
            cross();
            return answer;
        }

        @Override
        public void goBackTo(LogPosition position) throws IOException {
            cross();
            if (!wholeUpTo.equals(Optional.of(position))) {
                throw FailureException.of(FailureCode.REQUEST_INVALID, "It is not whole up to " + position + ".");
            }
            giveUpAfter(position);
            cross();
        }

        @Override
        public void ship(Segment segment, long fromOffset) throws IOException {
            assertThat(segment.position()).isEqualTo(acknowledged.next());
            if (!Long.valueOf(segment.capture()).equals(captures.put(segment.disk(), segment.capture()))) {
                partial.remove(segment.disk());
                durable.remove(segment.disk());
            }
            assertThat(fromOffset).as("nothing that is held is sent again")
                    .isEqualTo(partial.getOrDefault(segment.disk(), new byte[0]).length);
            ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
            try (ReadableByteChannel bytes = segment.openAt(fromOffset)) {
                while (bytes.read(piece.clear()) > 0) {
                    cross();
                    write(segment.disk(), piece.flip());
                }
            }
            cross();
            partial.putIfAbsent(segment.disk(), new byte[0]);
            turn(Duration.ofMillis(simulation.random().nextInt(30)));
            if (lost()) {
                throw new IOException("the target died while it forced");
            }
            durable.add(segment.disk());
            cross();
        }

        private void write(DiskName disk, ByteBuffer piece) {
            assertThat(durable).as("what is durable is not sent again").doesNotContain(disk);
            byte[] before = partial.getOrDefault(disk, new byte[0]);
            byte[] after = Arrays.copyOf(before, before.length + piece.remaining());
            sent += piece.remaining();
            piece.get(after, before.length, piece.remaining());
            partial.put(disk, after);
        }

        @Override
        public void define(LogPosition position, String machineDefinition) throws IOException {
            cross();
            assertThat(position).isEqualTo(acknowledged.next());
        }

        @Override
        public Optional<StateDigest> keptState() {
            return Optional.of(kept);
        }

        @Override
        public void keep(LogPosition position, MachineState state) throws IOException {
            cross();
            assertThat(position).isEqualTo(acknowledged.next());
            assertThat(durable).as("after the disks").containsExactlyInAnyOrderElementsOf(SimulatedSource.DISKS);
            states.put(position, state);
            if (!forcesStates) {
                unforcedStates.add(position);
            }
            cross();
        }

        @Override
        public void acknowledge(LogPosition position) throws IOException {
            cross();
            assertThat(position).isEqualTo(acknowledged.next());
            assertThat(durable).containsExactlyInAnyOrderElementsOf(SimulatedSource.DISKS);
            (forcesBeforeItSaysDurable ? journal : unforced).put(position, Map.copyOf(partial));
            SimulatedDisks then = contents.get(acknowledged).copy();
            partial.forEach(then::apply);
            contents.put(position, then);
            acknowledged = position;
            partial.clear();
            captures.clear();
            durable.clear();
            cross();
        }

        @Override
        public ByteCount sent() {
            return new ByteCount(sent);
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
