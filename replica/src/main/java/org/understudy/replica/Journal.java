package org.understudy.replica;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.changelog.ChangeLogHeader;
import org.understudy.changelog.ChangeLogVerifier;
import org.understudy.changelog.LogDirectory;
import org.understudy.changelog.LogKind;
import org.understudy.disk.FolderAccess;
import org.understudy.disk.Folders;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.replication.TargetStanding;

/**
 * The segments that were received and not applied yet, and the promises made about them.
 *
 * <p>A segment is received under a passing name and gets its own only when it is whole and forced. Segments are taken
 * for the one position after the acknowledged one, so what is unacknowledged is never more than one cycle.
 * Safe for threads; of two receivers of one disk the younger wins.
 */
final class Journal {
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);

    private final ReplicaSpec spec;
    private final LogDirectory logs;
    private final JournalFiles files;
    private final StateFile state;
    private final StorageReserve reserve;
    private final FaultPoint faults;
    private final ReentrantLock lock = new ReentrantLock();
    /** Looked at and changed under {@link #lock} alone. */
    private final ClosedSegments closed;
    private final Map<DiskName, JournalReceiver> receivers = new HashMap<>();
    /** Held while a torn segment is read, which may take minutes: then nobody begins to receive. */
    private final ReentrantLock looking = new ReentrantLock();
    /** What torn segments of the next position hold, where that is known without reading them. */
    private final Map<DiskName, ChangeLogVerifier> torn = new ConcurrentHashMap<>();
    private volatile Optional<Failure> trouble = Optional.empty();

    Journal(ReplicaSpec spec, Path folder, StateFile state, StorageReserve reserve, FaultPoint faults) {
        this.spec = spec;
        this.logs = new LogDirectory(folder, LogKind.CHANGE);
        this.files = new JournalFiles(folder, faults);
        this.closed = new ClosedSegments(spec, logs);
        this.state = state;
        this.reserve = reserve;
        this.faults = faults;
    }

    /**
     * Reads what is there; deletes what was applied. REPLICA_CORRUPT when there is a segment of a later position than
     * is taken now: then the state is of an earlier day than the journal; or of another generation.
     */
    void open() throws IOException {
        Folders.make(logs.folder(), FolderAccess.PRIVATE);
        LogPosition next = next();
        for (Path entry : FolderTree.entries(logs.folder())) {
            Optional<SegmentFile> segment = SegmentFile.parse(entry);
            if (segment.isPresent() && segment.get().position().generation() != next.generation()) {
                throw FailureException.of(FailureCode.REPLICA_CORRUPT, "folder " + logs.folder() + " of "
                        + spec.vmName() + " has segment " + entry.getFileName() + " of another generation than "
                        + next.generation() + "; nothing was deleted");
            }
            if (segment.isPresent() && LogPosition.ORDER.compare(segment.get().position(), next) > 0) {
                throw FailureException.of(FailureCode.REPLICA_CORRUPT, "folder " + logs.folder() + " of "
                        + spec.vmName() + " has segment " + entry.getFileName() + ", and its state.json says that "
                        + next + " comes next: it is older than the journal; nothing was deleted");
            }
        }
        for (Path entry : FolderTree.entries(logs.folder())) {
            Optional<SegmentFile> segment = SegmentFile.parse(entry);
            if (segment.isPresent() && isOver(segment.get(), next)) {
                Files.deleteIfExists(entry);
            }
        }
        for (LogPosition at = first(); LogPosition.ORDER.compare(at, next) <= 0; at = at.next()) {
            for (ReplicaDisk disk : spec.disks()) {
                closed.read(disk.name(), at, at.equals(next));
            }
        }
    }

    /** Whether nobody will ask for a file any more: its position was applied, or its receiving ended long ago. */
    private boolean isOver(SegmentFile segment, LogPosition next) {
        return LogPosition.ORDER.compare(segment.position(), segment.open() ? next : first()) < 0;
    }

    /** The position for which segments are taken. */
    private LogPosition next() {
        return state.current().acknowledged().position().next();
    }

    /** The oldest position that may have a segment here. */
    private LogPosition first() {
        return state.current().upToDate() ? next() : state.current().nextToApply();
    }

    /**
     * Where this target stands; a source that asks begins anew, so receivers still open are closed. A torn segment is
     * read once in the life of an agent, while everything else but receiving goes on.
     */
    TargetStanding standing() throws IOException {
        looking.lock();
        try {
            closeReceivers();
            Map<DiskName, TargetStanding.Held> held = new HashMap<>();
            for (ReplicaDisk disk : spec.disks()) {
                held(disk.name()).ifPresent(there -> held.put(disk.name(), there));
            }
            return new TargetStanding(state.current().acknowledged().position(), held);
        } finally {
            looking.unlock();
        }
    }

    private Optional<TargetStanding.Held> held(DiskName disk) throws IOException {
        Optional<ChangeLogHeader> whole = closedHeader(disk, next());
        if (whole.isPresent()) {
            return Optional.of(new TargetStanding.Held(
                    new ByteCount(Files.size(logs.file(disk, next()))), whole.get().capture()));
        }
        ChangeLogVerifier torn = tornAt(disk, next());
        return torn.header().map(begun ->
                new TargetStanding.Held(new ByteCount(torn.verifiedBytes()), begun.capture()));
    }

    private Optional<ChangeLogHeader> closedHeader(DiskName disk, LogPosition position) {
        lock.lock();
        try {
            return closed.header(disk, position);
        } finally {
            lock.unlock();
        }
    }

    /** Stands at the end of what is whole of a torn segment; at nothing when there is none. */
    private ChangeLogVerifier tornAt(DiskName disk, LogPosition position) throws IOException {
        Path file = logs.openFile(disk, position);
        if (!Files.exists(file)) {
            return new ChangeLogVerifier(file.toString());
        }
        ChangeLogVerifier known = torn.get(disk);
        boolean ofThisFile = known != null && known.verifiedBytes() == Files.size(file)
                && known.header().map(header -> header.position().equals(position)).orElse(false);
        if (!ofThisFile) {
            known = ChangeLogVerifier.resume(file);
            torn.put(disk, known);
        }
        return known.atLastFrame();
    }

    /**
     * Takes a segment of one capture from byte {@code fromOffset} on: 0, or where {@link #standing()} said that it
     * stands, which may be its end.
     */
    JournalReceiver receive(DiskName disk, LogPosition position, long capture, long fromOffset) throws IOException {
        looking.lock();
        try {
            requireOpenFor(disk, position);
            endReceiving(disk);
            Path file = logs.openFile(disk, position);
            ChangeLogVerifier verifier;
            if (fromOffset == 0) {
                torn.remove(disk);
                Files.deleteIfExists(file);
                drop(disk, position);
                verifier = new ChangeLogVerifier(file.toString());
            } else {
                Optional<ChangeLogVerifier> whole = reopenClosed(disk, position);
                verifier = whole.isPresent() ? whole.get() : tornAt(disk, position);
            }
            JournalReceiver receiver = new JournalReceiver(this, new JournalReceiver.Wanted(spec, disk, position,
                    capture, state.current().acknowledged().position().sequence()), file, verifier, reserve, faults);
            if (receiver.verifiedBytes() != fromOffset) {
                receiver.close();
                throw FailureException.of(FailureCode.REQUEST_INVALID, "segment " + disk + "." + position + " of "
                        + spec.vmName() + " stands at byte " + receiver.verifiedBytes() + ", not " + fromOffset,
                        "Ask where the target stands and go on from there, or from byte 0.");
            }
            torn.remove(disk);
            begin(disk, receiver);
            return receiver;
        } finally {
            looking.unlock();
        }
    }

    private void endReceiving(DiskName disk) throws IOException {
        lock.lock();
        try {
            JournalReceiver older = receivers.remove(disk);
            if (older != null) {
                older.close();
            }
        } finally {
            lock.unlock();
        }
    }

    private void begin(DiskName disk, JournalReceiver receiver) {
        lock.lock();
        try {
            receivers.put(disk, receiver);
        } finally {
            lock.unlock();
        }
    }

    /** A durable segment that is not acknowledged may be asked for again: then its end is made durable once more. */
    private Optional<ChangeLogVerifier> reopenClosed(DiskName disk, LogPosition position) throws IOException {
        lock.lock();
        try {
            return closed.reopen(disk, position);
        } finally {
            lock.unlock();
        }
    }

    private void requireOpenFor(DiskName disk, LogPosition position) throws IOException {
        requireNotFenced();
        spec.disk(disk);
        if (position.generation() != next().generation()) {
            throw FailureException.of(FailureCode.RELATIONSHIP_REFUSED, "replica of " + spec.vmName()
                    + " takes generation " + next().generation() + ", not position " + position);
        }
        if (!position.equals(next())) {
            throw FailureException.of(FailureCode.REQUEST_INVALID, "replica of " + spec.vmName() + " stands at "
                    + state.current().acknowledged().position() + " and takes " + next() + ", not " + position,
                    "Ask where the target stands and go on from there.");
        }
        try {
            reserve.require(ByteCount.ZERO);
        } catch (FailureException e) {
            refused(e.failure());
            throw e;
        }
    }

    void requireNotFenced() {
        if (state.current().fenced()) {
            throw FailureException.of(FailureCode.REPLICA_FENCED,
                    "replica of " + spec.vmName() + " was fenced at " + state.current().acknowledged().position()
                            + " and takes nothing from its source any more");
        }
    }

    /** Gives a whole and forced segment its name, durably; answers false to a receiver that has been closed. */
    boolean closed(JournalReceiver receiver, ChangeLogHeader header) throws IOException {
        lock.lock();
        try {
            requireNotFenced();
            if (receivers.get(header.disk()) != receiver) {
                return false;
            }
            faults.reached("segment forced");
            logs.closeReceived(header.disk(), header.position());
            closed.add(header);
            receivers.remove(header.disk());
            faults.reached("segment named");
            return true;
        } finally {
            lock.unlock();
        }
    }

    void gone(JournalReceiver receiver) {
        lock.lock();
        try {
            receivers.values().remove(receiver);
            receiver.left().ifPresentOrElse(
                    verifier -> torn.put(receiver.disk(), verifier), () -> torn.remove(receiver.disk()));
        } finally {
            lock.unlock();
        }
    }

    /** Promises that nothing up to {@code position} is ever lost; the promise is durable when this returns. */
    void acknowledge(LogPosition position) throws IOException {
        lock.lock();
        try {
            requireNotFenced();
            if (position.equals(state.current().acknowledged().position())) {
                return;
            }
            if (!position.equals(next())) {
                throw FailureException.of(FailureCode.REQUEST_INVALID, "replica of " + spec.vmName() + " stands at "
                        + state.current().acknowledged().position() + " and cannot acknowledge " + position,
                        "Ask where the target stands and go on from there.");
            }
            ReplicaInstant instant = closed.whole(position);
            Map<DiskName, ByteCount> covered = closed.covered(position);
            state.update(now -> now.acknowledged(instant, covered));
            trouble = Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    private void drop(DiskName disk, LogPosition position) throws IOException {
        lock.lock();
        try {
            closed.drop(disk, position);
        } finally {
            lock.unlock();
        }
    }

    /** Refuses the source from now on, durably, and what it is just sending; or takes from it again. */
    void fence(boolean fenced) throws IOException {
        lock.lock();
        try {
            state.update(now -> fenced ? now.fence() : now.unfence());
            closeReceivers();
        } finally {
            lock.unlock();
        }
    }

    /** The instant of a position that is to be applied now; RESYNCHRONIZATION_REQUIRED when a segment is missing. */
    ReplicaInstant pending(LogPosition position) {
        return pending(state.current()).stream().filter(instant -> instant.position().equals(position)).findFirst()
                .orElseThrow(() -> FailureException.of(FailureCode.RESYNCHRONIZATION_REQUIRED,
                        "the journal of " + spec.vmName() + " lacks an intact segment at " + position
                                + "; the replica keeps its points before it"));
    }

    /** The instants acknowledged and not applied at {@code now}, oldest first; ends before a damaged segment. */
    List<ReplicaInstant> pending(ReplicaState now) {
        lock.lock();
        try {
            return closed.pending(now);
        } finally {
            lock.unlock();
        }
    }

    /** The closed segment of each disk at a position. */
    Map<DiskName, Path> segments(LogPosition position) {
        Map<DiskName, Path> segments = new TreeMap<>();
        spec.disks().forEach(disk -> segments.put(disk.name(), logs.file(disk.name(), position)));
        return segments;
    }

    /** Why segments were not taken lately; empty since the last acknowledgement. */
    Optional<Failure> trouble() {
        return trouble;
    }

    void refused(Failure failure) {
        trouble = Optional.of(failure);
    }

    /** Deletes the segments of a position that is applied durably. */
    void forget(LogPosition position) throws IOException {
        lock.lock();
        try {
            closed.forget(position);
            for (Path segment : segments(position).values()) {
                Files.deleteIfExists(segment);
                faults.reached("segment deleted");
            }
        } finally {
            lock.unlock();
        }
    }

    /** Acknowledged is from now on what is applied; what was acknowledged after it is given up. */
    void goBackToApplied() throws IOException {
        looking.lock();
        lock.lock();
        try {
            requireNotFenced();
            clear();
            state.update(ReplicaState::acknowledgedIsApplied);
            trouble = Optional.empty();
        } finally {
            lock.unlock();
            looking.unlock();
        }
    }

    /** Deletes every segment. */
    void clear() throws IOException {
        lock.lock();
        try {
            closeReceivers();
            closed.clear();
            torn.clear();
            files.deleteAll();
        } finally {
            lock.unlock();
        }
    }

    /** The bytes received and not applied yet, of segments still being received too. */
    ByteCount bytes() throws IOException {
        return files.bytes();
    }

    void closeReceivers() throws IOException {
        lock.lock();
        try {
            for (JournalReceiver receiver : List.copyOf(receivers.values())) {
                receiver.close();
            }
            receivers.clear();
        } finally {
            lock.unlock();
        }
    }
}
