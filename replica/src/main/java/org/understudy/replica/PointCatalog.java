package org.understudy.replica;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.changelog.ChangeLogException;
import org.understudy.changelog.ChangeLogHeader;
import org.understudy.disk.DurableFile;
import org.understudy.model.DiskName;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;

/**
 * The undo logs of a replica as a chain of steps, from what the disks hold down to the oldest point (D-04).
 *
 * <p>The names of the steps' folders are the chain; there is no list beside them that could disagree. A merged step
 * replaces its parts in the instant its folder gets its name: of two steps from one position the one that leads
 * further back counts, the others are swept. A step that leads back <em>to</em> the applied position belongs to an
 * apply that was begun: the disks may then hold any mixture of its two ends.
 *
 * <p>Changed by one thread at a time, which the replica sees to; {@link #instants} and {@link #damage} may be asked by
 * any.
 */
final class PointCatalog {
    private static final Logger LOG = LoggerFactory.getLogger(PointCatalog.class);

    private final ReplicaSpec spec;
    private final Path folder;
    private final StorageReserve reserve;
    private final FaultPoint faults;

    /** By the position they lead back from; replaced as a whole. */
    private volatile Map<LogPosition, UndoStep> steps = Map.of();
    private volatile Optional<Failure> damage = Optional.empty();
    private boolean appliedLost;

    PointCatalog(ReplicaSpec spec, Path folder, StorageReserve reserve, FaultPoint faults) {
        this.spec = spec;
        this.folder = folder;
        this.reserve = reserve;
        this.faults = faults;
    }

    /** Reads the chain below {@code applied} and sweeps what leads nowhere. */
    void open(LogPosition applied) throws IOException {
        Files.createDirectories(folder);
        FolderTree.sweep(folder);
        Map<LogPosition, UndoStep.Ends> furthestBack = new HashMap<>();
        for (Path entry : FolderTree.entries(folder)) {
            UndoStep.Ends.parse(entry.getFileName().toString()).ifPresent(ends ->
                    furthestBack.merge(ends.from(), ends, PointCatalog::furtherBack));
        }
        Map<LogPosition, UndoStep> found = new HashMap<>();
        UndoStep.Ends begun = furthestBack.values().stream()
                .filter(ends -> ends.restored().equals(applied)).findFirst().orElse(null);
        UndoStep.Ends ends = furthestBack.get(applied);
        if (begun != null) {
            readStep(begun).ifPresent(step -> found.put(step.from(), step));
            appliedLost = found.isEmpty();
            ends = appliedLost ? null : ends;
        }
        while (ends != null) {
            Optional<UndoStep> step = readStep(ends);
            step.ifPresent(it -> found.put(it.from(), it));
            ends = step.isPresent() ? furthestBack.get(ends.restored()) : null;
        }
        steps = Map.copyOf(found);
        sweepUnknown();
    }

    private static UndoStep.Ends furtherBack(UndoStep.Ends one, UndoStep.Ends other) {
        return ReplicaInstant.ORDER.compare(one.restored(), other.restored()) <= 0 ? one : other;
    }

    /** Empty, and noted as damage, when a log of the step is missing or its header cannot be read. */
    private Optional<UndoStep> readStep(UndoStep.Ends ends) throws IOException {
        Path path = folder.resolve(ends.folderName());
        try {
            ReplicaInstant restored = null;
            for (ReplicaDisk disk : spec.disks()) {
                ChangeLogHeader header = LogHeaders.read(UndoStep.log(path, disk.name()));
                restored = new ReplicaInstant(ends.restored(), header.capturedAt(), header.consistency());
            }
            return Optional.of(new UndoStep(ends.from(), restored, path));
        } catch (ChangeLogException | NoSuchFileException e) {
            FailureException lost = setAside(path, ends.restored(), e);
            LOG.warn("undo step found damaged item={} step={}", spec.item(), path.getFileName(), lost);
            return Optional.empty();
        }
    }

    private void sweepUnknown() throws IOException {
        Set<Path> known = new HashSet<>();
        steps.values().forEach(step -> known.add(step.folder()));
        for (Path entry : FolderTree.entries(folder)) {
            String name = entry.getFileName().toString();
            if (UndoStep.Ends.parse(name).isPresent() && !known.contains(entry)) {
                FolderTree.drop(entry);
                LOG.info("undo step swept item={} step={}", spec.item(), name);
            }
        }
    }

    /** The steps one after the other from a position down to the oldest. */
    private List<UndoStep> chainFrom(LogPosition start) {
        Map<LogPosition, UndoStep> now = steps;
        List<UndoStep> chain = new ArrayList<>();
        for (UndoStep step = now.get(start); step != null; step = now.get(step.restored().position())) {
            chain.add(step);
        }
        return chain;
    }

    /** The instants that the disks can be taken back to, oldest first, with {@code applied} as the last. */
    List<ReplicaInstant> instants(ReplicaInstant applied) {
        List<ReplicaInstant> instants = new ArrayList<>();
        instants.add(applied);
        chainFrom(applied.position()).forEach(step -> instants.add(step.restored()));
        return List.copyOf(instants.reversed());
    }

    /** What became of points that were lost to damage; empty when none was. */
    Optional<Failure> damage() {
        return damage;
    }

    /** Makes an undo durable before its position is applied; a finished one is never computed again. */
    void prepare(UndoStep.Ends ends, ReplicaInstant restored, UndoContent content) throws IOException {
        UndoStep finished = steps.get(ends.from());
        if (finished != null && finished.restored().equals(restored)) {
            return;
        }
        Path target = folder.resolve(ends.folderName());
        Path filling = FolderTree.beginFilling(target);
        faults.reached("undo folder begun");
        try {
            for (ReplicaDisk disk : spec.disks()) {
                content.write(disk.name(), UndoStep.log(filling, disk.name()));
                faults.reached("undo log written");
            }
        } catch (FailureException full) {
            FolderTree.delete(filling);
            throw full;
        }
        FolderTree.finishFilling(filling, target);
        replace(List.of(), new UndoStep(ends.from(), restored, target));
        faults.reached("undo step named");
    }

    private void replace(List<UndoStep> gone, UndoStep come) {
        Map<LogPosition, UndoStep> changed = new HashMap<>(steps);
        gone.forEach(step -> changed.remove(step.from(), step));
        if (come != null) {
            changed.put(come.from(), come);
        }
        steps = Map.copyOf(changed);
    }

    /** The steps that take the disks back to {@code point}, in the order to be written over them. */
    List<UndoStep> stepsBackTo(LogPosition point, LogPosition applied) {
        List<UndoStep> back = new ArrayList<>();
        // Whatever mixture an interrupted apply left, its undo makes it the applied position again.
        steps.values().stream().filter(step -> step.restored().position().equals(applied)).forEach(back::add);
        if (point.equals(applied)) {
            return back;
        }
        for (UndoStep step : chainFrom(applied)) {
            back.add(step);
            if (step.restored().position().equals(point)) {
                return back;
            }
        }
        throw FailureException.of(FailureCode.NO_RECOVERY_POINT,
                "the replica of " + spec.vmName() + " has no recovery point " + point + " (any more)");
    }

    /**
     * Drops a run of points, or merges the newest part of it; a crash leaves every kept point, and some that were to
     * go. The newest part first: what was merged before is the oldest and the largest, and is copied last and once.
     */
    void trim(RetentionPlanner.Run run, LogPosition applied) throws IOException {
        switch (run) {
            case RetentionPlanner.Run.Oldest oldest -> dropBelow(oldest.newer(), applied);
            case RetentionPlanner.Run.Between between -> {
                List<UndoStep> parts = chainFrom(between.newer()).stream().filter(step ->
                        ReplicaInstant.ORDER.compare(step.restored().position(), between.older()) >= 0).toList();
                mergeIntoOne(parts.subList(0, Math.min(parts.size(), UndoMerger.LOGS_MAX)));
            }
        }
    }

    private void dropBelow(LogPosition oldestKept, LogPosition applied) throws IOException {
        List<UndoStep> dropped = chainFrom(applied).stream().filter(step ->
                ReplicaInstant.ORDER.compare(step.restored().position(), oldestKept) < 0).toList();
        replace(dropped, null);
        // Oldest first: what a crash leaves is still a chain.
        for (UndoStep step : dropped.reversed()) {
            FolderTree.drop(step.folder());
            faults.reached("undo step dropped");
        }
    }

    private void mergeIntoOne(List<UndoStep> parts) throws IOException {
        ReplicaInstant restored = parts.getLast().restored();
        UndoStep.Ends ends = new UndoStep.Ends(parts.getFirst().from(), restored.position());
        Path target = folder.resolve(ends.folderName());
        Path filling = FolderTree.beginFilling(target);
        try {
            for (ReplicaDisk disk : spec.disks()) {
                UndoMerger.merge(disk.name(), parts, UndoStep.log(filling, disk.name()), reserve);
                faults.reached("merged undo log written");
            }
        } catch (UndoDamage e) {
            throw damaged(e, ends.from());
        } catch (FailureException full) {
            FolderTree.delete(filling);
            throw full;
        }
        FolderTree.finishFilling(filling, target);
        replace(parts, new UndoStep(ends.from(), restored, target));
        faults.reached("merged undo step named");
        for (UndoStep part : parts) {
            FolderTree.drop(part.folder());
            faults.reached("merged part dropped");
        }
    }

    /** Makes this step's point and all older ones unusable: their bytes cannot be told from good ones any more. */
    FailureException damaged(UndoDamage found, LogPosition applied) throws IOException {
        UndoStep step = found.step();
        List<UndoStep> lost = new ArrayList<>(chainFrom(step.from()));
        if (step.restored().position().equals(applied)) {
            appliedLost = true;
        }
        replace(lost, null);
        FailureException failure = setAside(step.folder(), step.restored().position(), found.reason());
        lost.remove(step);
        for (UndoStep older : lost) {
            FolderTree.drop(older.folder());
        }
        return failure;
    }

    /**
     * Whether the undo of an interrupted apply was lost: then the disks hold a mixture that is no point, and nothing
     * older can be reached, until applying went on. Told once.
     */
    boolean takeAppliedLost() {
        boolean told = appliedLost;
        appliedLost = false;
        return told;
    }

    private FailureException setAside(Path step, LogPosition restored, IOException cause) throws IOException {
        Path aside = step.resolveSibling(step.getFileName() + ".damaged");
        FolderTree.delete(aside);
        Files.move(step, aside, StandardCopyOption.ATOMIC_MOVE);
        DurableFile.forceDirectory(folder);
        Failure failure = FailureException.of(FailureCode.REPLICA_CORRUPT,
                "undo log " + step + " is damaged (" + cause.getMessage() + "): recovery points up to " + restored
                        + " of " + spec.vmName() + " are lost; newer ones are good",
                "Choose a newer recovery point; check the disk that holds the folder.").failure();
        damage = Optional.of(failure);
        return new FailureException(failure, cause);
    }

    /** Deletes every undo log, and so every point but what the disks hold. */
    void clear() throws IOException {
        steps = Map.of();
        for (Path entry : FolderTree.entries(folder)) {
            FolderTree.delete(entry);
        }
    }

    /** Writes one disk's undo log. */
    @FunctionalInterface
    interface UndoContent {
        /** Durable when this returns. */
        void write(DiskName disk, Path log) throws IOException;
    }
}
