package org.understudy.replica;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.changelog.ChangeLogException;
import org.understudy.changelog.ChangeLogHeader;
import org.understudy.changelog.ChangeLogVerifier;
import org.understudy.changelog.LogDirectory;
import org.understudy.disk.DurableFile;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;

/** The segments of a journal that are whole and forced, by position and disk, as their headers tell. For one thread. */
final class ClosedSegments {
    private static final Logger LOG = LoggerFactory.getLogger(ClosedSegments.class);

    private final ReplicaSpec spec;
    private final LogDirectory logs;
    private final NavigableMap<LogPosition, Map<DiskName, ChangeLogHeader>> headers =
            new TreeMap<>(LogPosition.ORDER);

    ClosedSegments(ReplicaSpec spec, LogDirectory logs) {
        this.spec = spec;
        this.logs = logs;
    }

    /**
     * Takes note of a segment that is there, if it is. A damaged one that was acknowledged stays, to be told of when
     * its turn comes; another goes, and is sent again.
     */
    void read(DiskName disk, LogPosition position, boolean sentAgain) throws IOException {
        Path segment = logs.file(disk, position);
        if (!Files.exists(segment)) {
            return;
        }
        try {
            headers.computeIfAbsent(position, _ -> new HashMap<>()).put(disk, LogHeaders.read(segment));
        } catch (ChangeLogException e) {
            LOG.warn("journal segment found damaged item={} segment={}", spec.item(), segment.getFileName(), e);
            if (sentAgain) {
                Files.delete(segment);
            }
        }
    }

    void add(ChangeLogHeader header) {
        headers.computeIfAbsent(header.position(), _ -> new HashMap<>()).put(header.disk(), header);
    }

    Optional<ChangeLogHeader> header(DiskName disk, LogPosition position) {
        return Optional.ofNullable(headers.getOrDefault(position, Map.of()).get(disk));
    }

    /** A durable segment that is not acknowledged may be asked for again: then its end is made durable once more. */
    Optional<ChangeLogVerifier> reopen(DiskName disk, LogPosition position) throws IOException {
        Optional<ChangeLogHeader> header = header(disk, position);
        if (header.isEmpty()) {
            return Optional.empty();
        }
        headers.get(position).remove(disk);
        Path open = logs.openFile(disk, position);
        DurableFile.rename(logs.file(disk, position), open);
        return Optional.of(ChangeLogVerifier.ofWhole(open.toString(), header.get(), Files.size(open)));
    }

    /** Deletes a segment that is sent again; it need not be there. */
    void drop(DiskName disk, LogPosition position) throws IOException {
        Map<DiskName, ChangeLogHeader> there = headers.get(position);
        if (there != null && there.remove(disk) != null) {
            Files.deleteIfExists(logs.file(disk, position));
        }
    }

    /** The instant of a position whose segments are all here and of one capture. */
    ReplicaInstant whole(LogPosition position) throws IOException {
        ReplicaInstant instant = null;
        for (ReplicaDisk disk : spec.disks()) {
            ChangeLogHeader header = header(disk.name(), position).orElseThrow(() -> FailureException.of(
                    FailureCode.REQUEST_INVALID, "position " + position + " of " + spec.vmName()
                            + " lacks the segment of disk " + disk.name(),
                    "Send the segments of all disks before asking for the acknowledgement."));
            ReplicaInstant told = new ReplicaInstant(position, header.capturedAt(), header.consistency());
            if (instant != null && !instant.equals(told)) {
                // Two captures under one number: together they are no instant of the VM. All are sent again.
                for (ReplicaDisk mixed : spec.disks()) {
                    drop(mixed.name(), position);
                }
                throw FailureException.of(FailureCode.CHANGE_LOG_CORRUPT, "the segments of position " + position
                        + " of " + spec.vmName() + " are of two captures: " + instant.capturedAt() + " "
                        + instant.consistency() + " and " + told.capturedAt() + " " + told.consistency());
            }
            instant = told;
        }
        return instant;
    }

    /** How far initial replication had passed each disk at a position whose segments are here. */
    Map<DiskName, ByteCount> covered(LogPosition position) {
        Map<DiskName, ByteCount> covered = new TreeMap<>();
        headers.get(position).forEach((disk, header) -> covered.put(disk, header.covered()));
        return covered;
    }

    /** The instants acknowledged and not applied at {@code now}, oldest first; ends before a damaged segment. */
    List<ReplicaInstant> pending(ReplicaState now) {
        List<ReplicaInstant> pending = new ArrayList<>();
        if (now.upToDate()) {
            return pending;
        }
        LogPosition at = now.nextToApply();
        while (LogPosition.ORDER.compare(at, now.acknowledged().position()) <= 0
                && headers.getOrDefault(at, Map.of()).size() == spec.disks().size()) {
            ChangeLogHeader header = headers.get(at).get(spec.disks().getFirst().name());
            pending.add(new ReplicaInstant(at, header.capturedAt(), header.consistency()));
            at = at.next();
        }
        return pending;
    }

    /** Takes no note any more of what is applied; its files are the caller's to delete. */
    void forget(LogPosition position) {
        headers.remove(position);
    }

    /** The same of all. */
    void clear() {
        headers.clear();
    }
}
