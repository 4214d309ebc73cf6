package org.understudy.replica;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.disk.BlockDevice;
import org.understudy.disk.RawFile;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;

/**
 * Disks that hold what was applied last, undo logs that lead back from there, and qcow2 overlays as branches (decision
 * 4). The disks are raw files in the replica's folder, or images that were adopted in place (decision 34).
 */
final class RawUndoStore implements ReplicaStore {
    /** What copying at full speed takes until somebody looks again, three times over. */
    private static final ByteCount HAND_OVER_RESERVE = ByteCount.ofGibibytes(1);

    private static final Logger LOG = LoggerFactory.getLogger(RawUndoStore.class);

    private final ReplicaSpec spec;
    private final ReplicaFolder folder;
    private final ReplicaSettings settings;
    private final StorageReserve reserve;
    private final DiskPlaces places;
    private final PointCatalog points;
    private final Branches branches;
    private final Applier applier;

    RawUndoStore(ReplicaSpec spec, ReplicaFolder folder, StorageReserve reserve, WorkRoom room,
            ReplicaSettings settings) throws IOException {
        this.spec = spec;
        this.folder = folder;
        this.settings = settings;
        this.reserve = reserve;
        this.places = DiskPlaces.read(spec, folder);
        this.points = new PointCatalog(spec, folder.undo(), reserve, settings.faults());
        this.branches = new Branches(spec, folder, places, settings);
        this.applier = new Applier(spec, places, points, reserve, room, settings.faults());
    }

    /** Makes the disks of a new replica in its folder. */
    static void create(ReplicaFolder folder, ReplicaSpec spec) throws IOException {
        for (ReplicaDisk disk : spec.disks()) {
            RawFile.create(folder.disk(disk.name()), disk.size()).close();
        }
    }

    /**
     * Makes images that are there the disks of a new replica; they are not changed. STATE_FORBIDS for one that does not
     * stand alone or is of another size, IN_USE for one that a VM or a tool has open.
     */
    static void adopt(ReplicaFolder folder, ReplicaSpec spec, Adoption adoption) throws IOException {
        for (ReplicaDisk disk : spec.disks()) {
            AdoptedImage image = Optional.ofNullable(adoption.images().get(disk.name())).orElseThrow(() ->
                    FailureException.of(FailureCode.REQUEST_INVALID, "No image was named for disk " + disk.name()
                            + " of VM " + spec.vmName() + ".", "Name the image of every disk."));
            DiskPlaces.requireFitting(spec, disk.name(), image);
            requireFree(folder, spec, disk, image);
        }
        ReplicaJson.write(folder.disks(), DiskPlaces.Record.of(adoption.images()));
    }

    /** Opening it to write is what tells whether somebody else has it open, who only reads it too. */
    private static void requireFree(ReplicaFolder folder, ReplicaSpec spec, ReplicaDisk disk, AdoptedImage image)
            throws IOException {
        try {
            ImageDevice.open(image.file(), image.format(), folder.server(disk.name())).close();
        } catch (IOException e) {
            throw FailureException.of(FailureCode.IN_USE, "Image " + image.file() + " cannot become disk " + disk.name()
                    + " of the replica of VM " + spec.vmName() + ": " + e.getMessage(),
                    "Shut down the VM that uses it, or end the program that has it open, and ask again.").causedBy(e);
        }
    }

    @Override
    public boolean can(Ability ability) {
        return switch (ability) {
            case PLACES_BRANCHES, HANDS_OVER -> true;
            case IS_ADOPTED -> places.adopted();
        };
    }

    @Override
    public void open(ReplicaState state) throws IOException {
        places.reap();
        branches.open();
        for (Branch branch : branches.all()) {
            if (branches.isHandedOver(branch.name())) {
                finishHandOver(branch.name());
            }
        }
        if (!state.committed() || !branches.all().isEmpty()) {
            places.requireWhole();
        }
        points.open(state);
    }

    @Override
    public void apply(ReplicaInstant applied, ReplicaInstant next, Map<DiskName, Path> segments) throws IOException {
        applier.apply(applied, next, segments);
    }

    @Override
    public void takeBackWhatWasBegun(ReplicaInstant applied) throws IOException {
        applier.takeBackWhatWasBegun(applied);
    }

    @Override
    public boolean lostItsInstant() {
        return points.takeAppliedLost();
    }

    @Override
    public BlockDevice disk(DiskName disk) throws IOException {
        return applier.disk(disk);
    }

    @Override
    public void release() throws IOException {
        applier.close();
    }

    @Override
    public InstantChain instants() {
        return points.chain;
    }

    @Override
    public boolean trim(RetentionPlanner.Run run) throws IOException {
        return points.trim(run);
    }

    @Override
    public void forgetInstants() throws IOException {
        points.clear();
    }

    @Override
    public Optional<Failure> damage() {
        return points.damage();
    }

    @Override
    public List<Branch> branches() {
        return branches.all();
    }

    @Override
    public Branch branch(Branches.Wish wish, LogPosition applied) throws IOException {
        // QEMU locks an image that is open to write: nothing else could read it.
        release();
        List<UndoStep> stepsBack = points.stepsBackTo(wish.point().position(), applied);
        Branches.Record wanted = wish.asRecord(PlacedImages.choose(spec, places, wish.place()),
                settings.clock().instant());
        List<StorageReserve> rooms = rooms(wanted, stepsBack.isEmpty());
        ByteCount largest = UndoStep.largestLog(stepsBack);
        for (StorageReserve room : rooms) {
            // Each byte is written once, so the largest log is the least that is needed; the rest is asked for on the
            // way.
            room.require(largest);
        }
        try {
            return branches.create(wanted, stepsBack, more -> {
                for (StorageReserve room : rooms) {
                    room.require(more);
                }
            });
        } catch (UndoDamage e) {
            throw points.damaged(e, applied);
        }
    }

    /** Disks of what is processed take next to nothing: a failover to them shall not wait for space. */
    private List<StorageReserve> rooms(Branches.Record wanted, boolean takesNothing) {
        List<StorageReserve> rooms = new ArrayList<>();
        if (wanted.placed().isEmpty()) {
            rooms.add(reserve);
        }
        wanted.placed().values().stream().map(image -> image.path().getParent()).distinct()
                .forEach(home -> rooms.add(reserve.at(home)));
        return takesNothing ? rooms.stream().map(StorageReserve::forMakingRoom).toList() : rooms;
    }

    /** What would have to be written over the disks to have a point that is applied. */
    List<UndoStep> stepsBackTo(LogPosition point, LogPosition applied) {
        return points.stepsBackTo(point, applied);
    }

    @Override
    public void give(String branch, boolean given) throws IOException {
        branches.give(branch, given);
    }

    @Override
    public void removeBranch(String name) throws IOException {
        branches.remove(name);
    }

    @Override
    public Optional<List<HandOver>> handOver(String name) throws IOException {
        List<HandOver> left = new ArrayList<>();
        Branch branch = branches.find(name).orElseThrow();
        if (!branches.isPlaced(name)) {
            // Of a version that kept them in the replica's folder, which holds all that they need.
            return Optional.empty();
        }
        for (ReplicaDisk disk : spec.disks()) {
            Path overlay = branch.disks().get(disk.name());
            boolean adopted = places.adopted(disk.name()).isPresent();
            if (Files.exists(overlay) && ImageFacts.of(overlay, "qcow2").below().isPresent()) {
                left.add(new HandOver(disk.name(), overlay, places.file(disk.name()), adopted,
                        places.format(disk.name())));
            }
        }
        return Optional.of(left);
    }

    @Override
    public void requireRoom(HandOver disk, boolean begun) throws IOException {
        Path written = disk.adopted() ? disk.below() : disk.overlay();
        ByteCount needed = begun ? ByteCount.ZERO : toWrite(disk);
        new StorageReserve(written.getParent(), HAND_OVER_RESERVE, settings.freeSpace()).require(needed);
    }

    /** As good as it can be told beforehand; that there is room left is looked at again and again meanwhile. */
    private static ByteCount toWrite(HandOver disk) throws IOException {
        ImageFacts overlay = ImageFacts.of(disk.overlay(), "qcow2");
        long below = ImageFacts.of(disk.below(), disk.format()).allocated().bytes();
        long bytes = disk.adopted()
                ? Math.min(overlay.allocated().bytes(), overlay.size().bytes() - below)
                : below - overlay.allocated().bytes();
        return new ByteCount(Math.max(0, bytes));
    }

    @Override
    public void handOverAtRest(HandOver disk) throws IOException {
        requireRoom(disk, false);
        if (disk.adopted()) {
            settings.images().commit(disk.overlay(), new AdoptedImage(disk.below(), disk.format()));
        } else {
            settings.images().standAlone(disk.overlay());
        }
    }

    @Override
    public void handedOver(String name, List<DiskName> moved) throws IOException {
        List<HandOver> left = handOver(name).orElse(List.of()).stream()
                .filter(disk -> !(disk.adopted() && moved.contains(disk.disk()))).toList();
        if (!branches.isPlaced(name) || !left.isEmpty()) {
            throw FailureException.of(FailureCode.STATE_FORBIDS, "The disks of VM " + spec.vmName()
                    + " are not its own yet: " + left.stream().map(disk -> disk.overlay() + " rests on " + disk.below())
                    .toList() + ".", "Wait until they are handed over.");
        }
        branches.noteHandedOver(name);
        settings.faults().reached("hand over noted");
        finishHandOver(name);
        LOG.info("disks handed over item={} branch={}", spec.item(), name);
    }

    private void finishHandOver(String name) throws IOException {
        for (ReplicaDisk disk : spec.disks()) {
            if (places.adopted(disk.name()).isPresent()) {
                branches.dropOverlay(name, disk.name());
            } else {
                Files.deleteIfExists(folder.disk(disk.name()));
            }
            settings.faults().reached("replica disk given up");
        }
        branches.remove(name);
    }

    @Override
    public void close() throws IOException {
        applier.close();
    }
}
