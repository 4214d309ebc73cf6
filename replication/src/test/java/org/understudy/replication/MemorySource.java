package org.understudy.replication;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.NavigableMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;

/** A {@link SourceEnd} of two disks in memory, with faults to order. */
final class MemorySource implements SourceEnd {
    static final List<DiskName> DISKS = List.of(new DiskName("vda"), new DiskName("vdb"));
    static final long SEGMENT_BYTES = 1000;

    private final NavigableMap<Long, String> definitions = new TreeMap<>(Map.of(0L, "<domain/>"));
    private final NavigableMap<Long, MachineState> states = new TreeMap<>(Map.of(0L, MachineState.NONE));
    private final ManualPace pace;
    private final ByteCount total;
    private LogPosition captured = LogPosition.startOf(1);
    private LogPosition acknowledged = LogPosition.startOf(1);
    private ByteCount covered = ByteCount.ZERO;
    private boolean capturingHangs;
    private Optional<FailureException> segmentsFailure = Optional.empty();
    private Optional<Loss> loss = Optional.empty();
    private final Queue<Throwable> captureFailures = new ArrayDeque<>();
    private final Queue<IOException> recoveryFailures = new ArrayDeque<>();
    final List<Long> captureStarts = new ArrayList<>();
    int recoveries;
    int meetings;
    final List<HashAnswer> answers = new ArrayList<>();
    private Optional<HashRequest> wanted = Optional.empty();
    final List<String> wentBack = new ArrayList<>();
    final List<String> coveredAnew = new ArrayList<>();
    long waitingMax;

    /** {@code slices} cycles until the front has reached the end. */
    MemorySource(ManualPace pace, int slices) {
        this.pace = pace;
        this.total = new ByteCount(slices);
    }

    synchronized void standAt(LogPosition captured, LogPosition acknowledged) {
        this.captured = captured;
        this.acknowledged = acknowledged;
    }

    synchronized void failCapture(Throwable failure) {
        captureFailures.add(failure);
    }

    synchronized void failRecovery(IOException failure) {
        recoveryFailures.add(failure);
    }

    synchronized void failSegments(FailureException failure) {
        segmentsFailure = Optional.of(failure);
    }

    /** The next capture finds out that nobody knows what changed. */
    synchronized void loseTrack() {
        loss = Optional.of(new Loss.OfChanges("the bitmap is lost"));
    }

    /** What waits is gone from the disks. */
    synchronized void loseLogs() {
        loss = Optional.of(new Loss.OfLogs("the logs are gone"));
        segmentsFailure = Optional.of(FailureException.of(FailureCode.CHANGE_LOG_CORRUPT, "the logs are gone"));
    }

    void hangCapture(boolean hangs) {
        synchronized (this) {
            capturingHangs = hangs;
        }
        pace.stir();
    }

    @Override
    public synchronized SourceStanding standing() {
        long waiting = (captured.sequence() - acknowledged.sequence()) * SEGMENT_BYTES * DISKS.size();
        return new SourceStanding(captured, acknowledged, covered, total, new ByteCount(waiting), loss,
                wanted);
    }

    @Override
    public synchronized void coverAnew(String reason) {
        coveredAnew.add(reason);
        covered = ByteCount.ZERO;
        loss = Optional.empty();
    }

    @Override
    public synchronized void compared(HashRequest request, HashAnswer answer) {
        answers.add(answer);
        if (!(answer instanceof HashAnswer.NotNow)) {
            wanted = Optional.empty();
        }
    }

    /** It wants to know what the target holds before its next cycle. */
    synchronized void want() {
        wanted = Optional.of(new HashRequest(captured, DISKS.getFirst(), new UUID(1, 2), 0, 1));
    }

    @Override
    public synchronized void goBackTo(LogPosition position, String reason) {
        wentBack.add(position + ": " + reason);
        covered = position.equals(acknowledged) ? covered : ByteCount.ZERO;
        captured = position;
        acknowledged = position;
        loss = Optional.empty();
        segmentsFailure = Optional.empty();
    }

    @Override
    public synchronized void met() {
        meetings++;
    }

    @Override
    public synchronized void recover() throws IOException {
        recoveries++;
        if (!recoveryFailures.isEmpty()) {
            throw recoveryFailures.poll();
        }
    }

    @Override
    public void capture() throws IOException, InterruptedException {
        synchronized (this) {
            captureStarts.add(pace.nanos() / 1_000_000);
            switch (captureFailures.poll()) {
                case null -> { }
                case IOException e -> throw e;
                case FailureException e -> throw e;
                case InterruptedException e -> throw e;
                case Error e -> throw e;
                case Throwable e -> throw new IllegalStateException(e);
            }
        }
        pace.block(() -> !hangs());
        synchronized (this) {
            if (loss.isPresent()) {
                return;
            }
            captured = captured.next();
            covered = covered.compareTo(total) < 0 ? covered.plus(new ByteCount(1)) : covered;
            waitingMax = Math.max(waitingMax, captured.sequence() - acknowledged.sequence());
        }
    }

    private synchronized boolean hangs() {
        return capturingHangs;
    }

    @Override
    public synchronized List<Segment> segments(LogPosition position) throws IOException {
        if (!position.isAfter(acknowledged) || position.isAfter(captured)) {
            throw FailureException.of(FailureCode.CHANGE_LOG_CORRUPT, "position " + position + " is not kept");
        }
        segmentsFailure.ifPresent(failure -> {
            throw failure;
        });
        return DISKS.stream().<Segment>map(disk -> segment(disk, position)).toList();
    }

    static MemorySegment segment(DiskName disk, LogPosition position) {
        return new MemorySegment(disk, position, new ByteCount(SEGMENT_BYTES));
    }

    @Override
    public synchronized void acknowledged(LogPosition position) {
        if (position.isAfter(captured) || acknowledged.isAfter(position)) {
            throw new AssertionError("acknowledged " + position + " after " + acknowledged + " of " + captured);
        }
        acknowledged = position;
    }

    @Override
    public synchronized String machineDefinition(LogPosition position) {
        return definitions.floorEntry(position.sequence()).getValue();
    }

    @Override
    public synchronized Optional<MachineState> machineState(LogPosition position, Optional<StateDigest> told) {
        return Optional.of(states.floorEntry(position.sequence()).getValue())
                .filter(state -> !told.equals(Optional.of(state.digest())));
    }

    /** Its firmware keeps something else: the next cycle sees it so. */
    synchronized void keep(byte... state) {
        states.put(captured.next().sequence(), new MachineState(state));
    }

    /** The VM is changed: the next cycle sees it so. */
    synchronized void define(String definition) {
        definitions.put(captured.next().sequence(), definition);
    }
}
