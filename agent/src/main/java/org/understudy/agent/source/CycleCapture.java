package org.understudy.agent.source;

import java.io.IOException;
import java.util.Optional;
import java.util.UUID;
import org.understudy.capture.BlockTable;
import org.understudy.capture.CaptureRange;
import org.understudy.capture.CaptureRequest;
import org.understudy.capture.CaptureSummary;
import org.understudy.capture.DiskCapture;
import org.understudy.capture.TargetContent;
import org.understudy.changelog.ChangeLogHeader;
import org.understudy.changelog.ChangeLogWriter;
import org.understudy.changelog.Compression;
import org.understudy.changelog.LogDirectory;
import org.understudy.disk.CaptureDisk;
import org.understudy.hypervisor.PointInTime;
import org.understudy.model.ByteCount;
import org.understudy.model.Consistency;
import org.understudy.model.DiskName;
import org.understudy.model.LogPosition;

/**
 * Reads the disks of an open point in time into change logs: for each disk what changed in the part that is covered
 * already, and the next slice of the rest (decision 0003). One object serves all relationships of a host.
 */
public final class CycleCapture implements AutoCloseable {
    /**
     * How much allocated data a cycle of initial replication carries for all disks: enough that the fixed cost of a
     * cycle (0.15 s) is a small part of it, little enough that two waiting logs and a scratch file fit beside any disk.
     */
    static final ByteCount SLICE = ByteCount.ofMebibytes(256);

    private final ByteCount slice;
    private final DiskCapture compressed = new DiskCapture(DiskCapture.LANES, Compression.ZSTD);
    private final DiskCapture plain = new DiskCapture(DiskCapture.LANES, Compression.NONE);

    public CycleCapture() {
        this(SLICE);
    }

    /** @param slice at least 1 MiB for each disk of a VM */
    CycleCapture(ByteCount slice) {
        this.slice = slice;
    }

    /** What initial replication adds to one cycle, for all disks. */
    ByteCount slice() {
        return slice;
    }

    /** How far a disk goes in this cycle; {@code slice} bytes of content more, unless it is covered already. */
    CaptureRange range(PointWatch point, DiskName disk, ByteCount covered, ByteCount slice) throws IOException {
        try (CaptureDisk opened = point.open(disk)) {
            return DiskCapture.plan(opened, covered, slice);
        }
    }

    /**
     * What to write of one disk.
     *
     * @param consistency of the whole cycle: partial until all disks are covered
     */
    record Task(
            Relationship relationship, SourceDisks disks, DiskName disk, LogPosition position, CaptureRange range,
            Target target, Consistency consistency) {}

    /**
     * What the target holds beyond the front.
     *
     * @param comparison of which comparison there are hashes of it; empty when there are none
     */
    record Target(TargetContent content, Optional<UUID> comparison, TargetTables tables) {
        private Optional<BlockTable> known(DiskName disk) throws IOException {
            return comparison.isPresent() ? tables.open(disk, comparison.get()) : Optional.empty();
        }
    }

    /** Writes the disk's log; it is durable and closed when this returns. */
    CaptureSummary capture(PointWatch watch, PointInTime point, Task task) throws IOException {
        Relationship relationship = task.relationship();
        ChangeLogHeader header = new ChangeLogHeader(
                relationship.vm(), task.disk(), task.position(), task.position().sequence() - 1,
                relationship.size(task.disk()), task.range().coveredAfter(), point.takenAt(), task.consistency());
        boolean compress = relationship.settings().compression();
        LogDirectory logs = task.disks().logs(task.disk());
        Optional<BlockTable> known = task.range().coveredBefore().equals(task.range().coveredAfter())
                ? Optional.empty() : task.target().known(task.disk());
        try (CaptureDisk disk = watch.open(task.disk()); BlockTable _ = known.orElse(null)) {
            return capture(watch, task, new CaptureRequest(disk, task.range(), task.target().content(), known),
                    logs.begin(header, compress ? Compression.ZSTD : Compression.NONE));
        }
    }

    private CaptureSummary capture(PointWatch watch, Task task, CaptureRequest request, ChangeLogWriter log)
            throws IOException {
        try (ChangeLogWriter writer = log) {
            DiskCapture captures = task.relationship().settings().compression() ? compressed : plain;
            CaptureSummary summary = captures.capture(request, writer, () -> {
                watch.progressed();
                task.disks().requireSpace(task.disk());
            });
            task.disks().logs(task.disk()).close(writer);
            return summary;
        }
    }

    /** Frees its memory; no cycle may be under way. */
    @Override
    public void close() {
        compressed.close();
        plain.close();
    }
}
