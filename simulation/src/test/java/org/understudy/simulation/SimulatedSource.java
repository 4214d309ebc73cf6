package org.understudy.simulation;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.LogPosition;
import org.understudy.replication.Segment;
import org.understudy.replication.SourceEnd;
import org.understudy.replication.SourceStanding;

/**
 * A source host whose state outlives its process. Logs are written first, the state that names them is replaced after
 * them; a process that dies in between leaves logs that nobody may believe, and the next capture of that position
 * writes other bytes, since the guest went on.
 */
final class SimulatedSource implements SourceEnd {
    static final List<DiskName> DISKS = List.of(new DiskName("vda"), new DiskName("vdb"));
    private static final int SLICES = 6;

    private final Simulation simulation;
    private final Map<LogPosition, List<Segment>> logs = new HashMap<>();
    /** What was committed at each position, kept for the checks alone. */
    private final Map<LogPosition, List<Segment>> truth = new HashMap<>();
    private LogPosition captured = LogPosition.startOf(1);
    private LogPosition acknowledged = LogPosition.startOf(1);
    private int covered;

    SimulatedSource(Simulation simulation) {
        this.simulation = simulation;
    }

    List<Segment> truth(LogPosition position) {
        return truth.get(position);
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
        return new SourceStanding(
                captured, acknowledged, new ByteCount(covered), new ByteCount(SLICES), ByteCount.ZERO);
    }

    @Override
    public void capture() throws IOException, InterruptedException {
        LogPosition next = captured.next();
        simulation.pass(Duration.ofMillis(simulation.random().nextInt(300)));
        if (simulation.random().nextInt(50) == 0) {
            throw new IOException("the NBD server hung up");
        }
        List<Segment> written = DISKS.stream().<Segment>map(disk -> segment(disk, next)).toList();
        logs.put(next, written);
        simulation.pass(Duration.ofMillis(simulation.random().nextInt(20)));
        truth.put(next, written);
        captured = next;
        covered = Math.min(SLICES, covered + 1);
        simulation.pass(Duration.ZERO);
    }

    private Segment segment(DiskName disk, LogPosition position) {
        byte[] bytes = new byte[simulation.random().nextInt(500)];
        simulation.random().nextBytes(bytes);
        return new SimulatedSegment(disk, position, bytes);
    }

    @Override
    public List<Segment> segments(LogPosition position) throws IOException {
        if (!position.isAfter(acknowledged) || position.isAfter(captured)) {
            throw new AssertionError("asked for segments of " + position + " that need not be there");
        }
        turn();
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
        turn();
    }

    @Override
    public String machineDefinition(LogPosition position) throws IOException {
        turn();
        return "<domain/>";
    }

    private void turn() throws IOException {
        try {
            simulation.pass(Duration.ZERO);
        } catch (InterruptedException e) {
            throw new InterruptedIOException();
        }
    }
}
