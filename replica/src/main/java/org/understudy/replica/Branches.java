package org.understudy.replica;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.regex.Pattern;
import org.understudy.disk.DurableFile;
import org.understudy.disk.FolderAccess;
import org.understudy.disk.Folders;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.RecoveryPoint;

/**
 * The writable disks that were made from a replica's points, each in its own folder below {@code branches/}.
 * A branch is listed when its folder has its name, which it gets when every image in it is forced. Changed by one
 * thread at a time, which the replica sees to; {@link #all} may be asked by any.
 */
final class Branches {
    private static final Pattern LEGAL_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,62}");
    private static final String RECORD = "branch.json";
    /** A file of its own, which versions before 0.2 leave alone: they take a record with more in it for damage. */
    private static final String GIVEN = "given.json";

    private final ReplicaSpec spec;
    private final ReplicaFolder folder;
    private final ReplicaSettings settings;
    private final FaultPoint faults;
    private final NavigableMap<String, Branch> open = new ConcurrentSkipListMap<>();

    Branches(ReplicaSpec spec, ReplicaFolder folder, ReplicaSettings settings) {
        this.spec = spec;
        this.folder = folder;
        this.settings = settings;
        this.faults = settings.faults();
    }

    /**
     * Reads the branches that are complete; sweeps those that never became so. REPLICA_CORRUPT when one cannot be read,
     * or the folder of all of them is gone: a VM may run from it, and what is below its disks must not change.
     */
    void open() throws IOException {
        if (!Files.isDirectory(folder.branches())) {
            throw FailureException.of(FailureCode.REPLICA_CORRUPT, "folder " + folder.branches() + " of the replica of "
                    + spec.vmName() + " is missing; if a VM runs from it, the disks below must not change");
        }
        for (Path entry : FolderTree.entries(folder.branches())) {
            if (entry.getFileName().toString().endsWith(FolderTree.FILLING)) {
                OverlayImages.reap(entry);
            }
        }
        FolderTree.sweep(folder.branches(), name -> LEGAL_NAME.matcher(name).matches());
        for (Path entry : FolderTree.entries(folder.branches())) {
            if (Files.isDirectory(entry)) {
                Record record = ReplicaJson.read(entry.resolve(RECORD), Record.class)
                        .filter(it -> it.name().equals(entry.getFileName().toString())).orElseThrow(() ->
                                FailureException.of(FailureCode.REPLICA_CORRUPT, "folder " + entry + " of "
                                        + spec.vmName() + " has no " + RECORD + " of its own; if a VM runs from it, "
                                        + "the disks below must not change"));
                open.put(record.name(), branch(record, ReplicaJson.read(entry.resolve(GIVEN), Given.class)));
            }
        }
    }

    List<Branch> all() {
        return List.copyOf(open.values());
    }

    Optional<Branch> find(String name) {
        return Optional.ofNullable(open.get(name));
    }

    static void requireLegalName(String name) {
        if (!LEGAL_NAME.matcher(name).matches()) {
            throw FailureException.of(FailureCode.REQUEST_INVALID,
                    "branch name \"" + name + "\" is not of the form " + LEGAL_NAME);
        }
    }

    /**
     * Makes a branch; complete and durable when this returns.
     *
     * @param stepsBack the undo steps from the raw files back to the point, newest first
     * @param space asked while it is filled; what it throws ends that and leaves nothing
     */
    Branch create(Record record, List<UndoStep> stepsBack, UndoReplay.Space space) throws IOException, UndoDamage {
        Path target = folder.branches().resolve(record.name());
        FolderAccess access = FolderAccess.sharedWith(settings.emulator().ask());
        Folders.make(folder.path(), access);
        Folders.make(folder.branches(), access);
        Path filling = FolderTree.beginFilling(target, access);
        faults.reached("branch begun");
        try {
            fillAll(filling, stepsBack, space);
        } catch (FailureException full) {
            FolderTree.delete(filling);
            throw full;
        }
        ReplicaJson.write(filling.resolve(RECORD), record);
        faults.reached("branch recorded");
        FolderTree.finishFilling(filling, target);
        Branch branch = branch(record, Optional.empty());
        open.put(branch.name(), branch);
        faults.reached("branch named");
        return branch;
    }

    private void fillAll(Path filling, List<UndoStep> stepsBack, UndoReplay.Space space)
            throws IOException, UndoDamage {
        for (ReplicaDisk disk : spec.disks()) {
            Path image = image(filling, disk.name());
            settings.images().create(image, folder.disk(disk.name()), disk.size());
            faults.reached("overlay made");
            if (!stepsBack.isEmpty()) {
                fill(image, disk.name(), stepsBack, space);
                faults.reached("overlay filled");
            }
        }
    }

    private void fill(Path image, DiskName disk, List<UndoStep> stepsBack, UndoReplay.Space space)
            throws IOException, UndoDamage {
        UndoDamage[] damage = new UndoDamage[1];
        settings.images().fill(image, device -> {
            try {
                UndoReplay.replay(disk, stepsBack, device, space);
            } catch (UndoDamage e) {
                damage[0] = e;
            }
        });
        if (damage[0] != null) {
            throw damage[0];
        }
    }

    /** Notes that a VM may be defined on a branch from now on, or takes that back; durable when this returns. */
    void give(String name, boolean given) throws IOException {
        Branch branch = find(name).orElseThrow(() -> FailureException.of(FailureCode.NOT_FOUND,
                "the replica of " + spec.vmName() + " has no branch " + name));
        Path note = folder.branches().resolve(name).resolve(GIVEN);
        Optional<Given> now = Optional.empty();
        if (given) {
            now = Optional.of(new Given(branch.givenAt().orElse(settings.clock().instant())));
            ReplicaJson.write(note, now.get());
        } else {
            DurableFile.delete(note);
        }
        open.put(name, branch.given(now.map(Given::at)));
    }

    /** Removes a branch's own files; there need not be one of that name. */
    void remove(String name) throws IOException {
        if (open.containsKey(name)) {
            FolderTree.drop(folder.branches().resolve(name));
            open.remove(name);
            faults.reached("branch dropped");
        }
    }

    private Branch branch(Record record, Optional<Given> given) {
        Map<DiskName, Path> disks = new TreeMap<>();
        Path home = folder.branches().resolve(record.name()).toAbsolutePath();
        spec.disks().forEach(disk -> disks.put(disk.name(), image(home, disk.name())));
        return new Branch(record.name(), record.purpose(), record.point(), record.createdAt(), disks,
                given.map(Given::at));
    }

    private static Path image(Path home, DiskName disk) {
        return home.resolve(disk + ".qcow2");
    }

    /** What {@code given.json} says: since when a VM may be defined on the branch. */
    record Given(Instant at) {}

    /** What {@code branch.json} says; the images are found by the names of the disks. */
    record Record(String name, Branch.Purpose purpose, RecoveryPoint point, Instant createdAt) {}
}
