package org.understudy.replica;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.changelog.ChangeLogException;
import org.understudy.changelog.ChangeLogHeader;
import org.understudy.disk.DurableFile;
import org.understudy.disk.FolderAccess;
import org.understudy.disk.Folders;
import org.understudy.model.DiskName;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.model.RecoveryPoint;

/**
 * The undo logs of a replica as a chain of steps, from what the disks hold down to the oldest point (D-04).
 *
 * <p>The names of the steps' folders are the chain; there is no list beside them that could disagree. A merged step
 * replaces its parts in the instant its folder gets its name: of two steps from one position the one that leads
 * further back counts, the others are swept. A step that leads back <em>to</em> the applied position belongs to an
 * apply that was begun: the disks may then hold any mixture of its two ends.
 *
 * <p>Changed by one thread at a time, which the replica sees to; {@link #instants} and {@link #damage} may be asked by
 * any. Memory: what {@link InstantChain} takes; a change costs no more than what it changes.
 */
final class PointCatalog {
    private static final Logger LOG = LoggerFactory.getLogger(PointCatalog.class);

    private final ReplicaSpec spec;
    private final Path folder;
    private final StorageReserve reserve;
    private final FaultPoint faults;
    /** What the steps restore: between two neighbours lies one step, one more leads from {@link #top} to the last. */
    final InstantChain chain = new InstantChain();

    /** From where the newest step leads back; empty when there is none. */
    private Optional<LogPosition> top = Optional.empty();
    private volatile Optional<Failure> damage = Optional.empty();
    private boolean appliedLost;

    PointCatalog(ReplicaSpec spec, Path folder, StorageReserve reserve, FaultPoint faults) {
        this.spec = spec;
        this.folder = folder;
        this.reserve = reserve;
        this.faults = faults;
    }

    /**
     * Reads the chain below what is applied, and sweeps what longer steps replaced. REPLICA_CORRUPT when the steps know
     * of more than {@code state} does.
     */
    void open(ReplicaState state) throws IOException {
        LogPosition applied = state.applied().position();
        boolean missing = !Files.exists(folder);
        Folders.make(folder, FolderAccess.PRIVATE);
        FolderTree.sweep(folder, name -> UndoStep.Ends.parse(name).isPresent());
        UndoFolder found = UndoFolder.read(folder);
        found.requireNotBeyond(state, spec.vmName());
        if (missing && state.everApplied()) {
            DurableFile.forceDirectory(folder.getParent());
            lost(folder + " is missing", applied);
            appliedLost = !state.upToDate();
        }
        List<ReplicaInstant> newestFirst = readChain(found, applied);
        newestFirst.reversed().forEach(chain::add);
        for (UndoStep.Ends replaced : found.replacedIn(chain, top.orElse(applied))) {
            FolderTree.drop(folder.resolve(replaced.folderName()));
            LOG.info("undo step swept item={} step={}", spec.item(), replaced.folderName());
        }
        LogPosition oldest = chain.first().orElse(applied);
        found.cutOffBelow(oldest).ifPresent(newest -> lost("an undo log from " + oldest + " back is missing in "
                + folder + " (nothing was deleted)", newest));
    }

    private List<ReplicaInstant> readChain(UndoFolder found, LogPosition applied) throws IOException {
        List<ReplicaInstant> newestFirst = new ArrayList<>();
        Optional<UndoStep.Ends> ends = found.from(applied);
        Optional<UndoStep.Ends> begun = found.begunOver(applied);
        if (begun.isPresent()) {
            Optional<ReplicaInstant> restored = restoredBy(begun.get(), found);
            restored.ifPresent(newestFirst::add);
            appliedLost = restored.isEmpty();
            ends = appliedLost ? Optional.empty() : ends;
        }
        top = newestFirst.isEmpty() ? Optional.empty() : begun.map(UndoStep.Ends::from);
        while (ends.isPresent()) {
            Optional<ReplicaInstant> restored = restoredBy(ends.get(), found);
            if (restored.isPresent() && top.isEmpty()) {
                top = Optional.of(applied);
            }
            restored.ifPresent(newestFirst::add);
            ends = restored.isPresent() ? found.from(ends.get().restored()) : Optional.empty();
        }
        return newestFirst;
    }

    /** Empty, and noted as damage, when a log of the step is missing or its header cannot be read. */
    private Optional<ReplicaInstant> restoredBy(UndoStep.Ends ends, UndoFolder found) throws IOException {
        Path path = folder.resolve(ends.folderName());
        try {
            ReplicaInstant restored = null;
            for (ReplicaDisk disk : spec.disks()) {
                ChangeLogHeader header = LogHeaders.read(UndoStep.log(path, disk.name()));
                restored = new ReplicaInstant(ends.restored(), header.capturedAt(), header.consistency());
            }
            return Optional.of(restored);
        } catch (ChangeLogException | NoSuchFileException e) {
            FailureException lost = setAside(path, ends.restored(), e);
            found.noteDamaged(ends);
            LOG.warn("undo step found damaged item={} step={}", spec.item(), path.getFileName(), lost);
            return Optional.empty();
        }
    }

    /** The steps between neighbours, newest first; the first leads from {@code start} to the last of the instants. */
    private List<UndoStep> chainFrom(LogPosition start, List<ReplicaInstant> oldestFirst) {
        List<UndoStep> steps = new ArrayList<>(oldestFirst.size());
        LogPosition from = start;
        for (ReplicaInstant restored : oldestFirst.reversed()) {
            steps.add(step(from, restored));
            from = restored.position();
        }
        return steps;
    }

    private UndoStep step(LogPosition from, ReplicaInstant restored) {
        return new UndoStep(from, restored, folder.resolve(
                new UndoStep.Ends(from, restored.position()).folderName()));
    }

    /** The instants that the disks can be taken back to, oldest first, with {@code applied} as the last. */
    List<ReplicaInstant> instants(ReplicaInstant applied) {
        List<ReplicaInstant> instants = chain.before(applied.position());
        instants.add(applied);
        return instants;
    }

    /** Whether something would be lost if the disks were written to without an undo. */
    boolean somethingToGoBackTo(ReplicaInstant applied) {
        return applied.isPoint() || !chain.isEmpty();
    }

    /** The step of an apply over {@code applied} that was begun and is not through, if there is one. */
    Optional<UndoStep> begun(LogPosition applied) {
        return chain.has(applied)
                ? Optional.of(step(top.orElseThrow(), chain.between(applied, top.orElseThrow()).getFirst()))
                : Optional.empty();
    }

    /** What became of points that were lost to damage; empty when none was. */
    Optional<Failure> damage() {
        return damage;
    }

    /**
     * Makes an undo durable before its position is applied; a finished one is never computed again. Another apply that
     * was begun over the same disks must have been taken back before.
     */
    void prepare(UndoStep.Ends ends, ReplicaInstant restored, UndoContent content) throws IOException {
        if (chain.has(restored.position())) {
            if (!top.equals(Optional.of(ends.from()))) {
                throw new IllegalStateException("an apply from " + restored.position() + " to " + top + " was begun");
            }
            return;
        }
        Path target = folder.resolve(ends.folderName());
        Path filling = FolderTree.beginFilling(target, FolderAccess.PRIVATE);
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
        chain.add(restored);
        top = Optional.of(ends.from());
        faults.reached("undo step named");
    }

    /** Forgets the step of an apply that was begun, now that it was written back to the disks, durably. */
    void takenBack(UndoStep begun) throws IOException {
        FolderTree.drop(begun.folder());
        chain.removeLast();
        top = chain.isEmpty() ? Optional.empty() : Optional.of(begun.restored().position());
        faults.reached("begun step dropped");
    }

    /** The steps that take the disks back to {@code point}, in the order to be written over them. */
    List<UndoStep> stepsBackTo(LogPosition point, LogPosition applied) {
        List<UndoStep> back = new ArrayList<>();
        // Whatever mixture an interrupted apply left, its undo makes it the applied position again.
        begun(applied).ifPresent(back::add);
        if (point.equals(applied)) {
            return back;
        }
        if (!chain.has(point) || LogPosition.ORDER.compare(point, applied) > 0) {
            throw FailureException.of(FailureCode.NO_RECOVERY_POINT,
                    "the replica of " + spec.vmName() + " has no recovery point " + point + " (any more)");
        }
        back.addAll(chainFrom(applied, chain.between(point, applied)));
        return back;
    }

    /**
     * Drops a run of points, or merges the newest part of it; a crash leaves every kept point, and some that were to
     * go. The newest part first: what was merged before is the oldest and the largest, and is copied last and once.
     * Answers whether a part of the run is left.
     */
    boolean trim(RetentionPlanner.Run run) throws IOException {
        return switch (run) {
            case RetentionPlanner.Run.Oldest oldest -> {
                dropBelow(oldest.newer());
                yield false;
            }
            case RetentionPlanner.Run.Between between -> {
                List<UndoStep> parts = chainFrom(between.newer(), chain.between(between.older(), between.newer()));
                if (parts.size() > 1) {
                    mergeIntoOne(parts.subList(0, Math.min(parts.size(), UndoMerger.LOGS_MAX)));
                }
                yield parts.size() > UndoMerger.LOGS_MAX;
            }
        };
    }

    private void dropBelow(LogPosition oldestKept) throws IOException {
        List<UndoStep> dropped = chainFrom(oldestKept, chain.before(oldestKept));
        chain.removeBefore(oldestKept);
        if (chain.isEmpty()) {
            top = Optional.empty();
        }
        // Oldest first: what a crash leaves is still a chain.
        for (UndoStep step : dropped.reversed()) {
            FolderTree.drop(step.folder());
            faults.reached("undo step dropped");
        }
        LOG.debug("points dropped item={} count={}", spec.item(), dropped.size());
    }

    private void mergeIntoOne(List<UndoStep> parts) throws IOException {
        ReplicaInstant restored = parts.getLast().restored();
        UndoStep merged = step(parts.getFirst().from(), restored);
        Path filling = FolderTree.beginFilling(merged.folder(), FolderAccess.PRIVATE);
        try {
            for (ReplicaDisk disk : spec.disks()) {
                UndoMerger.merge(disk.name(), parts, UndoStep.log(filling, disk.name()),
                        reserve.forMakingRoom());
                faults.reached("merged undo log written");
            }
        } catch (UndoDamage e) {
            throw damaged(e, merged.from());
        } catch (FailureException full) {
            FolderTree.delete(filling);
            throw full;
        }
        FolderTree.finishFilling(filling, merged.folder());
        chain.removeBetween(restored.position(), merged.from());
        faults.reached("merged undo step named");
        for (UndoStep part : parts) {
            FolderTree.drop(part.folder());
            faults.reached("merged part dropped");
        }
    }

    /** Makes this step's point and all older ones unusable: their bytes cannot be told from good ones any more. */
    FailureException damaged(UndoDamage found, LogPosition applied) throws IOException {
        UndoStep step = found.step();
        LogPosition restored = step.restored().position();
        if (restored.equals(applied)) {
            appliedLost = true;
        }
        List<UndoStep> older = chainFrom(restored, chain.before(restored));
        chain.removeBefore(step.from());
        if (chain.isEmpty()) {
            top = Optional.empty();
        }
        FailureException failure = setAside(step.folder(), restored, found.reason());
        for (UndoStep lost : older) {
            FolderTree.drop(lost.folder());
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
        Path aside = step.resolveSibling(step.getFileName() + UndoFolder.DAMAGED);
        FolderTree.delete(aside);
        Files.move(step, aside, StandardCopyOption.ATOMIC_MOVE);
        DurableFile.forceDirectory(folder);
        return new FailureException(
                lost("undo log " + step + " is damaged (" + cause.getMessage() + ")", restored), cause);
    }

    private Failure lost(String why, LogPosition newest) {
        Failure failure = FailureException.of(FailureCode.REPLICA_CORRUPT, why + ": recovery points up to " + newest
                + " of " + spec.vmName() + " are lost; newer ones are good",
                "Choose a newer recovery point; check the disk that holds the folder.").failure();
        damage = Optional.of(failure);
        return failure;
    }

    /** Deletes every undo log, and so every point but what the disks hold. */
    void clear() throws IOException {
        chain.clear();
        top = Optional.empty();
        for (Path entry : FolderTree.entries(folder)) {
            if (UndoFolder.isOurs(entry)) {
                FolderTree.delete(entry);
            }
        }
    }

    /** Writes one disk's undo log. */
    @FunctionalInterface
    interface UndoContent {
        /** Durable when this returns. */
        void write(DiskName disk, Path log) throws IOException;
    }
}
