package org.understudy.replica;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.understudy.changelog.ChangeLogHeader;
import org.understudy.changelog.ChangeLogReader;
import org.understudy.changelog.Frame;
import org.understudy.disk.BlockDevice;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;

/**
 * Writes the segments of one position to the disks, in this order: undo logs, data, force (D-03, D-04).
 * Doing it again from any line leaves the same bytes: an undo that is finished stays as it is, and a frame written
 * twice is written once. The only writer of the disks. For one thread at a time.
 */
final class Applier implements AutoCloseable {
    private final ReplicaSpec spec;
    private final DiskPlaces places;
    private final PointCatalog points;
    private final StorageReserve reserve;
    private final FaultPoint faults;
    private final UndoRecorder recorder;
    private final Map<DiskName, BlockDevice> disks = new HashMap<>();

    Applier(ReplicaSpec spec, DiskPlaces places, PointCatalog points, StorageReserve reserve, WorkRoom room,
            FaultPoint faults) {
        this.spec = spec;
        this.places = places;
        this.points = points;
        this.reserve = reserve;
        this.faults = faults;
        this.recorder = new UndoRecorder(reserve, room);
    }

    /**
     * Takes the disks from {@code applied} to {@code next}; durable when this returns.
     *
     * @param segments the closed segment of each disk at {@code next}
     */
    void apply(ReplicaInstant applied, ReplicaInstant next, Map<DiskName, Path> segments) throws IOException {
        try {
            applyOpened(applied, next, segments);
        } catch (IOException | RuntimeException e) {
            // An image whose server died is opened anew with the next attempt.
            closeAfter(e);
            throw e;
        }
    }

    private void closeAfter(Exception first) {
        try {
            close();
        } catch (IOException alsoFailed) {
            first.addSuppressed(alsoFailed);
        }
    }

    private void applyOpened(ReplicaInstant applied, ReplicaInstant next, Map<DiskName, Path> segments)
            throws IOException {
        Optional<UndoStep> begun = points.begun(applied.position());
        if (begun.isPresent() && !begun.get().from().equals(next.position())) {
            takeBack(begun.get());
        }
        if (points.somethingToGoBackTo(applied)) {
            points.prepare(new UndoStep.Ends(next.position(), applied.position()), applied, (disk, log) ->
                    recorder.record(disk(disk), segments.get(disk), log, undoHeader(disk, applied)));
        }
        for (ReplicaDisk disk : spec.disks()) {
            write(disk(disk.name()), segments.get(disk.name()), reserve.at(places.file(disk.name()).getParent()));
            faults.reached("disk written");
            disk(disk.name()).flush();
            faults.reached("disk forced");
        }
    }

    /** Makes the disks what {@code applied} says again, when applying what came after was begun and is given up. */
    void takeBackWhatWasBegun(ReplicaInstant applied) throws IOException {
        Optional<UndoStep> begun = points.begun(applied.position());
        if (begun.isPresent()) {
            takeBack(begun.get());
        }
    }

    /**
     * Makes the disks what they were before an apply that was begun and will not be gone on with: an undo of a mixture
     * would restore the mixture.
     */
    private void takeBack(UndoStep begun) throws IOException {
        for (ReplicaDisk disk : spec.disks()) {
            try {
                UndoReplay.replay(disk.name(), List.of(begun), disk(disk.name()),
                        reserve.at(places.file(disk.name()).getParent())::require);
            } catch (UndoDamage e) {
                throw points.damaged(e, begun.restored().position());
            }
            disk(disk.name()).flush();
            faults.reached("disk taken back");
        }
        points.takenBack(begun);
    }

    private void write(BlockDevice disk, Path segment, StorageReserve reserve) throws IOException {
        try (ChangeLogReader reader = ChangeLogReader.open(segment)) {
            Optional<Frame> frame = reader.next();
            while (frame.isPresent()) {
                switch (frame.get()) {
                    case Frame.Zero zero -> disk.zero(zero.extent());
                    case Frame.Data data -> {
                        reserve.require(new ByteCount(data.extent().length()));
                        disk.write(data.extent().offset(), data.bytes().duplicate());
                    }
                }
                faults.reached("frame applied");
                frame = reader.next();
            }
        }
    }

    private ChangeLogHeader undoHeader(DiskName disk, ReplicaInstant restored) {
        ByteCount size = spec.disk(disk).size();
        return new ChangeLogHeader(spec.vm(), disk, restored.position(),
                Math.max(0, restored.position().sequence() - 1), size, size,
                restored.capturedAt(), restored.consistency());
    }

    /** A disk as it is now; open until {@link #close}, in the same turn at the disks. */
    BlockDevice disk(DiskName name) throws IOException {
        BlockDevice open = disks.get(name);
        if (open == null) {
            open = places.open(name);
            disks.put(name, open);
        }
        return open;
    }

    /** Lets go of the disks: VMs may read them. The next use opens them again. */
    @Override
    public void close() throws IOException {
        IOException first = null;
        for (BlockDevice disk : disks.values()) {
            try {
                disk.close();
            } catch (IOException e) {
                first = first == null ? e : first;
            }
        }
        disks.clear();
        if (first != null) {
            throw first;
        }
    }
}
