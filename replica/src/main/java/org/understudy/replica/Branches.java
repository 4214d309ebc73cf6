package org.understudy.replica;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
 * The writable disks that were made from a replica's points, each branch with its own folder below {@code branches/}:
 * its images lie in that, or in folders of the host's administrator that its {@code branch.json} names. A branch is
 * listed when its folder has its name, which it gets when every image of it is forced. Changed by one thread at a time,
 * which the replica sees to; {@link #all} may be asked by any.
 */
final class Branches {
    private static final Pattern LEGAL_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,62}");
    private static final String RECORD = "branch.json";
    /** A file of its own, which versions before 0.2 leave alone: they take a record with more in it for damage. */
    private static final String GIVEN = "given.json";

    private final ReplicaSpec spec;
    private final ReplicaFolder folder;
    private final DiskPlaces places;
    private final ReplicaSettings settings;
    private final FaultPoint faults;
    private final NavigableMap<String, Branch> open = new ConcurrentSkipListMap<>();
    private final Map<String, Record> records = new ConcurrentSkipListMap<>();

    Branches(ReplicaSpec spec, ReplicaFolder folder, DiskPlaces places, ReplicaSettings settings) {
        this.spec = spec;
        this.folder = folder;
        this.places = places;
        this.settings = settings;
        this.faults = settings.faults();
    }

    /**
     * Reads the branches that are complete; sweeps those that never became so, and those whose disks were handed over.
     * REPLICA_CORRUPT when one cannot be read, or the folder of all of them is gone: a VM may run from it, and what is
     * below its disks must not change.
     */
    void open() throws IOException {
        if (!Files.isDirectory(folder.branches())) {
            throw FailureException.of(FailureCode.REPLICA_CORRUPT, "folder " + folder.branches() + " of the replica of "
                    + spec.vmName() + " is missing; if a VM runs from it, the disks below must not change");
        }
        for (Path entry : FolderTree.entries(folder.branches())) {
            String name = entry.getFileName().toString();
            if (name.endsWith(FolderTree.FILLING)) {
                OverlayImages.reap(entry);
                PlacedImages.dropUnfinished(placed(entry));
            } else if (name.endsWith(FolderTree.DROPPED)) {
                dropPlaced(entry);
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
                PlacedImages.settle(record.placed().values());
                list(record, ReplicaJson.read(entry.resolve(GIVEN), Given.class));
            }
        }
    }

    private void list(Record record, Optional<Given> given) {
        records.put(record.name(), record);
        open.put(record.name(), branch(record, given));
    }

    /** The images in folders of others that a branch's folder names, finished or not. */
    private static Iterable<PlacedImages.Placed> placed(Path entry) throws IOException {
        return ReplicaJson.read(entry.resolve(RECORD), Record.class)
                .map(record -> record.placed().values()).orElse(List.of());
    }

    private void dropPlaced(Path dropped) throws IOException {
        Optional<Record> record = ReplicaJson.read(dropped.resolve(RECORD), Record.class);
        if (record.isPresent() && !record.get().handedOver()) {
            for (Map.Entry<DiskName, PlacedImages.Placed> image : record.get().placed().entrySet()) {
                PlacedImages.drop(image.getValue(), places.file(image.getKey()));
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
     * @param wanted with where its images are to lie
     * @param stepsBack the undo steps from the disks back to the point, newest first
     * @param space asked while it is filled; what it throws ends that and leaves nothing
     */
    Branch create(Record wanted, List<UndoStep> stepsBack, UndoReplay.Space space) throws IOException, UndoDamage {
        Path target = folder.branches().resolve(wanted.name());
        FolderAccess access = FolderAccess.sharedWith(settings.emulator().ask());
        Folders.make(folder.path(), access);
        Folders.make(folder.branches(), access);
        OverlayImages.reap(target.resolveSibling(wanted.name() + FolderTree.FILLING));
        PlacedImages.dropUnfinished(placed(target.resolveSibling(wanted.name() + FolderTree.FILLING)));
        Path filling = FolderTree.beginFilling(target, access);
        faults.reached("branch begun");
        // Before the first image: what a crash leaves in folders of others is found by it.
        ReplicaJson.write(filling.resolve(RECORD), wanted);
        faults.reached("branch recorded");
        try {
            fillAll(wanted, filling, stepsBack, space);
            PlacedImages.name(wanted.placed().values());
        } catch (FailureException refused) {
            PlacedImages.dropUnfinished(wanted.placed().values());
            FolderTree.delete(filling);
            throw refused;
        }
        faults.reached("images named");
        FolderTree.finishFilling(filling, target);
        faults.reached("branch named");
        PlacedImages.settle(wanted.placed().values());
        list(wanted, Optional.empty());
        return open.get(wanted.name());
    }

    private void fillAll(Record wanted, Path filling, List<UndoStep> stepsBack, UndoReplay.Space space)
            throws IOException, UndoDamage {
        for (ReplicaDisk disk : spec.disks()) {
            Path image = Optional.ofNullable(wanted.placed().get(disk.name()))
                    .map(PlacedImages.Placed::passingPath).orElseGet(() -> image(filling, disk.name()));
            settings.images().create(image, places.file(disk.name()), places.format(disk.name()), disk.size());
            faults.reached("overlay made");
            if (!stepsBack.isEmpty()) {
                fill(image, filling, disk.name(), stepsBack, space);
                faults.reached("overlay filled");
            }
            if (wanted.bitmap().isPresent()) {
                // Behind what makes it the point: from here on it is the VM that writes.
                settings.images().track(image, wanted.bitmap().get());
                faults.reached("overlay tracked");
            }
        }
    }

    private void fill(Path image, Path filling, DiskName disk, List<UndoStep> stepsBack, UndoReplay.Space space)
            throws IOException, UndoDamage {
        UndoDamage[] damage = new UndoDamage[1];
        settings.images().fill(image, filling, device -> {
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
            drop(name);
            open.remove(name);
            records.remove(name);
            faults.reached("branch dropped");
        }
    }

    private void drop(String name) throws IOException {
        Path home = folder.branches().resolve(name);
        Path dropped = home.resolveSibling(name + FolderTree.DROPPED);
        if (Files.exists(home)) {
            FolderTree.delete(dropped);
            Files.move(home, dropped, StandardCopyOption.ATOMIC_MOVE);
            DurableFile.forceDirectory(home.getParent());
        }
        faults.reached("branch renamed");
        dropPlaced(dropped);
        FolderTree.delete(dropped);
    }

    /** Whether the images lie where they stay when the replica goes. */
    boolean isPlaced(String name) {
        return !records.get(name).placed().isEmpty();
    }

    /** Notes, durably, that the images belong to the VM: they are not deleted with the branch. */
    void noteHandedOver(String name) throws IOException {
        Record record = records.get(name).afterHandOver();
        ReplicaJson.write(folder.branches().resolve(name).resolve(RECORD), record);
        records.put(name, record);
    }

    boolean isHandedOver(String name) {
        return Optional.ofNullable(records.get(name)).filter(Record::handedOver).isPresent();
    }

    /** Deletes the overlay of an adopted disk, which holds nothing any more that is not in that one's image. */
    void dropOverlay(String name, DiskName disk) throws IOException {
        PlacedImages.drop(records.get(name).placed().get(disk), places.file(disk));
    }

    private Branch branch(Record record, Optional<Given> given) {
        Map<DiskName, Path> disks = new TreeMap<>();
        Path home = folder.branches().resolve(record.name()).toAbsolutePath();
        spec.disks().forEach(disk -> disks.put(disk.name(), Optional.ofNullable(record.placed().get(disk.name()))
                .map(PlacedImages.Placed::path).orElseGet(() -> image(home, disk.name()))));
        return new Branch(record.name(), record.purpose(), record.point(), record.createdAt(), disks,
                given.map(Given::at), record.bitmap());
    }

    private static Path image(Path home, DiskName disk) {
        return home.resolve(disk + ".qcow2");
    }

    /** What {@code given.json} says: since when a VM may be defined on the branch. */
    record Given(Instant at) {}

    /** A branch that somebody wants. */
    record Wish(String name, Branch.Purpose purpose, RecoveryPoint point, BranchPlace place) {
        Record asRecord(Optional<Map<DiskName, PlacedImages.Placed>> placed, Instant now) {
            return new Record(name, purpose, point, now, placed.orElse(Map.of()), place.bitmap(), false);
        }
    }

    /**
     * What {@code branch.json} says.
     *
     * @param placed the images that lie elsewhere; those of other disks are found by the disks' names
     * @param bitmap what notes in each image what the VM wrote since the point
     * @param handedOver the images are the VM's own
     */
    record Record(String name, Branch.Purpose purpose, RecoveryPoint point, Instant createdAt,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<DiskName, PlacedImages.Placed> placed,
            @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> bitmap,
            @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean handedOver) {
        Record {
            placed = placed == null ? Map.of() : new TreeMap<>(placed);
            bitmap = bitmap == null ? Optional.empty() : bitmap;
        }

        Record afterHandOver() {
            return new Record(name, purpose, point, createdAt, placed, bitmap, true);
        }
    }
}
