package org.understudy.simulation;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.replication.HashAnswer;
import org.understudy.replication.HashRequest;
import org.understudy.replication.Loss;
import org.understudy.replication.MachineState;
import org.understudy.replication.Segment;
import org.understudy.replication.SourceEnd;
import org.understudy.replication.SourceStanding;
import org.understudy.replication.StateDigest;

/**
 * A source host whose state outlives its process, under a guest that writes. Logs are written first, the state that
 * names them is replaced after them; a process that dies in between leaves logs that nobody may believe, and the next
 * capture of that position writes other bytes, since the guest went on.
 */
final class SimulatedSource implements SourceEnd {
    static final List<DiskName> DISKS = List.of(new DiskName("vda"), new DiskName("vdb"));
    private static final int FILLER_MAX = 300;

    private final Simulation simulation;
    private final Map<LogPosition, List<Segment>> logs = new HashMap<>();
    /** What was committed at each position, and what the disks held there once they were covered: for checks alone. */
    private final Map<LogPosition, List<Segment>> truth = new HashMap<>();
    private final Map<LogPosition, SimulatedDisks> whole = new HashMap<>();
    private final SimulatedDisks guest = new SimulatedDisks();
    private final Map<LogPosition, MachineState> keptThen = new HashMap<>();
    /** What the machine's firmware keeps now, and what was noted of it beside the logs of each position. */
    private MachineState keeps = MachineState.NONE;
    private final NavigableMap<LogPosition, MachineState> states = new TreeMap<>(LogPosition.ORDER);
    /** The dirty bitmaps, by the position of whose checkpoint they are. */
    private final Map<LogPosition, Set<Block>> dirty = new HashMap<>();
    private final Map<LogPosition, Integer> fronts = new HashMap<>();
    private LogPosition captured = LogPosition.startOf(1);
    private LogPosition acknowledged = LogPosition.startOf(1);
    private boolean targetBlank = true;
    private Optional<Loss> loss = Optional.empty();
    private SimulatedTable table = SimulatedTable.none();
    private long breaks;
    private boolean trustsOldTables;
    private boolean calm;

    /** A block of a disk. */
    private record Block(DiskName disk, int number) {}

    SimulatedSource(Simulation simulation) {
        this.simulation = simulation;
        fronts.put(captured, 0);
    }

    /** No cycle fails by chance from now on. */
    void calm() {
        calm = true;
    }

    /** That is wrong; that the checks find it out is what proves them. */
    void trustOldTables() {
        trustsOldTables = true;
    }

    List<Segment> truth(LogPosition position) {
        return truth.get(position);
    }

    /** What the disks held at a position that is no part of a covering. */
    Optional<SimulatedDisks> whole(LogPosition position) {
        return Optional.ofNullable(whole.get(position));
    }

    /** What the machine kept at a position. */
    MachineState keptThen(LogPosition position) {
        return keptThen.get(position);
    }

    long equalBlocks() {
        return table.equal();
    }

    /** The VM writes a block: often what it held before, or what another one holds. */
    void guestWrites() {
        Block block = new Block(DISKS.get(simulation.random().nextInt(2)),
                simulation.random().nextInt(SimulatedDisks.BLOCKS));
        guest.set(block.disk(), block.number(), simulation.random().nextInt(4));
        dirty.values().forEach(bitmap -> bitmap.add(block));
        if (simulation.random().nextInt(10) == 0) {
            keep(simulation.random().nextInt(4));
        }
    }

    /** The machine's firmware writes; nothing is left for 0. */
    void keep(int what) {
        keeps = what == 0 ? MachineState.NONE : new MachineState(new byte[] {(byte) what});
    }

    /** QEMU dies with what it knew of changes. */
    void loseTrack() {
        dirty.clear();
    }

    /** The logs that wait are gone from the disks. */
    void loseLogs() {
        if (captured.isAfter(acknowledged)) {
            logs.clear();
            loss = Optional.of(new Loss.OfLogs("gone"));
        }
    }

    @Override
    public void coverAnew(String reason) throws IOException {
        turn();
        fronts.replaceAll((_, _) -> 0);
        anew();
        turn();
    }

    private void anew() {
        targetBlank = false;
        loss = Optional.empty();
        breaks++;
        table = trustsOldTables && table.isFilled() ? table : SimulatedTable.drawn(simulation.random());
    }

    @Override
    public void goBackTo(LogPosition position, String reason) throws IOException {
        turn();
        logs.clear();
        truth.keySet().removeIf(known -> known.isAfter(position));
        whole.keySet().removeIf(known -> known.isAfter(position));
        keptThen.keySet().removeIf(known -> known.isAfter(position));
        states.tailMap(position, false).clear();
        captured = position;
        if (position.equals(acknowledged)) {
            loss = Optional.empty();
            breaks++;
        } else {
            acknowledged = position;
            fronts.clear();
            fronts.put(position, 0);
            anew();
        }
        turn();
    }

    @Override
    public void compared(HashRequest request, HashAnswer answer) throws IOException {
        turn();
        if (table.wanted(captured).equals(Optional.of(request))) {
            table.take(request, answer);
        }
        turn();
    }

    @Override
    public void met() {
        // Nothing is ever deleted here but what this source made.
    }

    @Override
    public void recover() {
        // Nothing is ever left open in memory.
    }

    @Override
    public SourceStanding standing() {
        return new SourceStanding(captured, acknowledged, new ByteCount(fronts.get(captured)),
                new ByteCount(SimulatedDisks.BLOCKS), ByteCount.ZERO, loss, table.wanted(captured));
    }

    @Override
    public void capture() throws IOException, InterruptedException {
        LogPosition from = captured;
        LogPosition next = from.next();
        long breaksBefore = breaks;
        int front = fronts.get(from);
        if (front > 0 && !dirty.containsKey(from)) {
            loss = Optional.of(new Loss.OfChanges("QEMU was killed"));
            return;
        }
        SimulatedDisks instant = guest.copy();
        MachineState keptNow = keeps;
        Set<Block> changed = dirty.getOrDefault(from, Set.of());
        dirty.put(next, new HashSet<>());
        Set<Block> covered = new TreeSet<>((one, other) -> one.toString().compareTo(other.toString()));
        changed.stream().filter(block -> block.number() < front).forEach(covered::add);
        simulation.pass(Duration.ofMillis(simulation.random().nextInt(300)));
        if (!calm && simulation.random().nextInt(50) == 0) {
            throw new IOException("the NBD server hung up");
        }
        int after = Math.min(SimulatedDisks.BLOCKS, front + 1);
        List<Segment> written = DISKS.stream().<Segment>map(
                disk -> segment(disk, next, instant, covered, front, after)).toList();
        logs.put(next, written);
        states.put(next, keptNow);
        simulation.pass(Duration.ofMillis(simulation.random().nextInt(20)));
        if (breaks != breaksBefore) {
            throw new IOException("the chain was taken back");
        }
        truth.put(next, written);
        keptThen.put(next, keptNow);
        if (after == SimulatedDisks.BLOCKS) {
            whole.put(next, instant);
        }
        fronts.put(next, after);
        captured = next;
        simulation.pass(Duration.ZERO);
    }

    private Segment segment(
            DiskName disk, LogPosition position, SimulatedDisks instant, Set<Block> changed, int front, int after) {
        ByteBuffer log = ByteBuffer.allocate(SimulatedDisks.logBytes(2 * SimulatedDisks.BLOCKS) + FILLER_MAX);
        log.putInt(0);
        int blocks = 0;
        for (Block block : changed) {
            if (block.disk().equals(disk)) {
                instant.write(disk, block.number(), log);
                blocks++;
            }
        }
        for (int block = front; block < after; block++) {
            long content = instant.get(disk, block);
            if (!(targetBlank && content == 0) && !table.isEqual(disk, block, content)) {
                instant.write(disk, block, log);
                blocks++;
            }
        }
        log.putInt(0, blocks);
        byte[] filler = new byte[8 + simulation.random().nextInt(FILLER_MAX - 8)];
        simulation.random().nextBytes(filler);
        byte[] bytes = new byte[log.position() + filler.length];
        log.flip().get(bytes, 0, log.limit());
        System.arraycopy(filler, 0, bytes, log.limit(), filler.length);
        return new SimulatedSegment(disk, position, bytes);
    }

    @Override
    public List<Segment> segments(LogPosition position) throws IOException {
        if (!position.isAfter(acknowledged) || position.isAfter(captured)) {
            throw FailureException.of(FailureCode.CHANGE_LOG_CORRUPT, "position " + position + " is not kept");
        }
        turn();
        if (!logs.containsKey(position)) {
            throw FailureException.of(FailureCode.CHANGE_LOG_CORRUPT, "position " + position + " is not kept");
        }
        return logs.get(position);
    }

    @Override
    public void acknowledged(LogPosition position) throws IOException {
        turn();
        if (acknowledged.isAfter(position)) {
            throw new AssertionError("acknowledged " + position + " after " + acknowledged);
        }
        acknowledged = position;
        logs.keySet().removeIf(kept -> !kept.isAfter(position));
        states.headMap(position, false).clear();
        dirty.keySet().removeIf(position::isAfter);
        fronts.keySet().removeIf(position::isAfter);
        turn();
    }

    @Override
    public String machineDefinition(LogPosition position) throws IOException {
        turn();
        return "<domain/>";
    }

    @Override
    public Optional<MachineState> machineState(LogPosition position, Optional<StateDigest> told) throws IOException {
        turn();
        return Optional.of(states.get(position)).filter(state -> !told.equals(Optional.of(state.digest())));
    }

    private void turn() throws IOException {
        try {
            simulation.pass(Duration.ZERO);
        } catch (InterruptedException e) {
            throw new InterruptedIOException();
        }
    }
}
