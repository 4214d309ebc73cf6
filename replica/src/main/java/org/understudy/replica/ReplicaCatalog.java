package org.understudy.replica;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.disk.FileTooLargeException;
import org.understudy.disk.FolderAccess;
import org.understudy.disk.Folders;
import org.understudy.disk.FreeSpace;
import org.understudy.disk.PrivateFile;
import org.understudy.model.ByteCount;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;

/**
 * The owner of a folder of replicas: opens all of them at the start, makes new ones, removes them.
 * One process at a time may have the folder open. Safe for threads.
 */
public final class ReplicaCatalog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaCatalog.class);

    private final Path root;
    private final ReplicaSettings settings;
    private final StorageReserve reserve;
    private final WorkRoom room = new WorkRoom();
    private final FileChannel lockChannel;
    private final ReentrantLock changing = new ReentrantLock();
    private final Map<RelationshipId, Replica> replicas = new ConcurrentHashMap<>();
    private final Map<Path, String> unreadable = new ConcurrentHashMap<>();

    private ReplicaCatalog(Path root, ReplicaSettings settings, FileChannel lockChannel) {
        this.root = root;
        this.settings = settings;
        this.reserve = new StorageReserve(root, settings.reserve(), settings.freeSpace());
        this.lockChannel = lockChannel;
    }

    /** Opens every replica below {@code root}, which is made if it is not there. */
    public static ReplicaCatalog open(Path root, ReplicaSettings settings) throws IOException {
        Path home = Folders.makeNamed(root, FolderAccess.PASSAGE).toRealPath();
        FileChannel channel = PrivateFile.open(home.resolve("replicas.lock"),
                StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            requireAlone(home, channel);
            ReplicaCatalog catalog = new ReplicaCatalog(home, settings, channel);
            catalog.openAll();
            return catalog;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static void requireAlone(Path home, FileChannel channel) throws IOException {
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException ours) {
            lock = null;
        }
        if (lock == null) {
            throw FailureException.of(FailureCode.IN_USE, "folder " + home + " of replicas is open in another agent",
                    "Stop the other agent, or give this one its own folder.");
        }
    }

    /** One replica that cannot be opened does not keep the others closed. */
    private void openAll() throws IOException {
        FolderTree.sweep(root, ReplicaCatalog::isOurs);
        for (Path entry : FolderTree.entries(root)) {
            if (!Files.isDirectory(entry)) {
                continue;
            }
            try {
                // A person may have moved it to another disk and left a link: what is opened is the folder itself.
                Path home = entry.toRealPath();
                if (isOurs(entry.getFileName().toString()) && Files.isRegularFile(new ReplicaFolder(home).spec())) {
                    FolderTree.closeToOthers(home);
                }
                Replica replica = Replica.open(new ReplicaFolder(home), reserve, room, settings);
                replicas.put(replica.spec().relationship(), replica);
            } catch (IOException | RuntimeException e) {
                unreadable.put(entry, e instanceof FailureException failure ? failure.failure().message()
                        : e.toString());
                LOG.error("replica not opened folder={}", entry, e);
            }
        }
    }

    private static boolean isOurs(String name) {
        try {
            return RelationshipId.ofFolder(name).folderName().equals(name);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /**
     * The replica of a relationship, made empty if there is none. The same request again changes nothing; one with
     * another retention changes that.
     */
    public Replica create(ReplicaSpec spec) throws IOException {
        return make(spec, Optional.empty());
    }

    /**
     * The replica of an item over disks that are there and stay where they are (decision 34). The same request again
     * changes nothing. IN_USE when a VM or a tool has an image open, STATE_FORBIDS when one does not stand alone or is
     * of another size; no image is changed before the first position is applied.
     */
    public Replica adopt(ReplicaSpec spec, Adoption adoption) throws IOException {
        return make(spec, Optional.of(adoption));
    }

    private Replica make(ReplicaSpec spec, Optional<Adoption> adoption) throws IOException {
        changing.lock();
        try {
            Replica existing = replicas.get(spec.relationship());
            if (existing != null) {
                return agreeing(existing, spec);
            }
            Path home = root.resolve(spec.relationship().folderName());
            if (Files.exists(home)) {
                throw FailureException.of(FailureCode.REPLICA_CORRUPT, "folder " + home + " holds a replica that "
                        + "cannot be opened: "
                        + unreadable.getOrDefault(home, "it came while this agent ran"));
            }
            reserve.require(ByteCount.ZERO);
            Path filling = FolderTree.beginFilling(
                    home, FolderAccess.sharedWith(settings.emulator().ask()));
            fill(filling, spec, adoption);
            settings.faults().reached("replica filled");
            FolderTree.finishFilling(filling, home);
            Replica replica = Replica.open(new ReplicaFolder(home), reserve, room, settings);
            replicas.put(spec.relationship(), replica);
            LOG.info("replica made relationship={} vm={} disks={} folder={}",
                    spec.relationship(), spec.vmName(), spec.disks().size(), home);
            return replica;
        } catch (IOException e) {
            throw reserve.orFull(e);
        } finally {
            changing.unlock();
        }
    }

    private void fill(Path filling, ReplicaSpec spec, Optional<Adoption> adoption) throws IOException {
        try {
            if (adoption.isPresent()) {
                Replica.adopt(new ReplicaFolder(filling), spec, adoption.get());
            } else {
                Replica.create(new ReplicaFolder(filling), spec);
            }
        } catch (FailureException refused) {
            FolderTree.delete(filling);
            throw refused;
        } catch (FileTooLargeException e) {
            FolderTree.delete(filling);
            ByteCount largest = FreeSpace.largestFile(root);
            throw FailureException.of(FailureCode.VM_CANNOT_BE_PROTECTED, "VM " + spec.vmName()
                    + " cannot be replicated to this host: " + spec.disks().stream()
                    .filter(disk -> disk.size().compareTo(largest) > 0)
                    .map(disk -> StorageFit.tooLarge(disk, root, largest)).collect(Collectors.joining(" ")),
                    "Keep the replicas of that host on a file system with larger files, such as XFS, or choose "
                            + "another host.").causedBy(e);
        }
    }

    /**
     * What a replica of such disks would need here, and what there is; makes nothing that stays.
     *
     * @param used how much of the disks is written at the source, if that is known
     */
    public StorageFit fit(List<ReplicaDisk> disks, Optional<ByteCount> used) throws IOException {
        return StorageFit.look(reserve, disks, used);
    }

    private static Replica agreeing(Replica existing, ReplicaSpec spec) throws IOException {
        ReplicaSpec now = existing.spec();
        if (!now.keeping(spec.retention()).equals(spec)) {
            throw FailureException.of(FailureCode.ALREADY_EXISTS, "item " + spec.item() + " has a replica of "
                    + now.vmName() + " in generation " + now.generation()
                    + " with other disks or another source than asked for",
                    "Remove that replica first, or ask for what it is.");
        }
        if (!now.equals(spec)) {
            existing.change(spec);
        }
        return existing;
    }

    /** The replica of a relationship. */
    public Optional<Replica> find(RelationshipId relationship) {
        return Optional.ofNullable(replicas.get(relationship));
    }

    /** The newest generation of an item of which this host has a replica; 0 for none. */
    public long newestGeneration(ItemId item) {
        return replicas.keySet().stream().filter(known -> known.item().equals(item))
                .mapToLong(RelationshipId::generation).max().orElse(0);
    }

    /**
     * The replicas whose VM could be started here: those of the newest direction.
     *
     * @param newest the newest generation of an item in which this host has a part, as source or target
     */
    public List<Replica> current(ToLongFunction<ItemId> newest) {
        return all().stream()
                .filter(replica -> replica.spec().generation() >= newest.applyAsLong(replica.spec().item())).toList();
    }

    /** When its state last moved: something was acknowledged or applied, a fence or a hold set; across restarts. */
    public Instant movedAt(Replica replica) throws IOException {
        Path home = root.resolve(replica.spec().item().toString());
        return Files.getLastModifiedTime(new ReplicaFolder(home).state()).toInstant();
    }

    /** Every replica that could be opened. */
    public List<Replica> all() {
        return List.copyOf(replicas.values());
    }

    /** The folders whose replica could not be opened, and why. */
    public Map<Path, String> unreadable() {
        return Map.copyOf(unreadable);
    }

    /**
     * Every folder that lies here, with what it takes. Looks at each file, which may take minutes where there are many
     * points: not for every report.
     */
    public List<Holding> holdings() throws IOException {
        List<Holding> holdings = new ArrayList<>();
        for (Path entry : FolderTree.entries(root)) {
            if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                holdings.add(holding(entry));
            }
        }
        return holdings;
    }

    private Holding holding(Path entry) throws IOException {
        Optional<Replica> open = replicas.values().stream()
                .filter(replica -> replica.spec().relationship().folderName().equals(entry.getFileName().toString()))
                .findFirst();
        ByteCount bytes = FolderTree.taken(entry);
        if (open.isPresent()) {
            Replica replica = open.get();
            return new Holding(entry, Optional.of(replica.spec()), bytes, replica.use(),
                    replica.branches().stream().map(Branch::name).toList(), inOrder(replica.kept()), Optional.empty());
        }
        return new Holding(entry, specIn(entry), bytes, Holding.Use.UNUSED, List.of(), inOrder(Pins.in(entry)),
                Optional.of(unreadable.getOrDefault(entry, "no replica was found in it")));
    }

    private static List<LogPosition> inOrder(Set<LogPosition> points) {
        return points.stream().sorted(LogPosition.ORDER).toList();
    }

    private static Optional<ReplicaSpec> specIn(Path entry) {
        try {
            return ReplicaJson.read(new ReplicaFolder(entry).spec(), ReplicaSpec.class);
        } catch (IOException | FailureException e) {
            return Optional.empty();
        }
    }

    /**
     * Deletes all files of a relationship, also of a replica that could not be opened or was never finished; refused
     * while a branch is open, or may be, and while it keeps a point for good. There need not be a replica.
     *
     * @param letGo the kept points that somebody has let go by name
     */
    public void remove(RelationshipId relationship, Collection<LogPosition> letGo) throws IOException {
        changing.lock();
        try {
            Path home = root.resolve(relationship.folderName());
            Replica replica = replicas.get(relationship);
            if (replica == null) {
                removeUnopened(home, letGo);
                return;
            }
            List<String> open = new ArrayList<>();
            replica.branches().forEach(branch -> open.add(branch.name() + " (" + branch.purpose() + ")"));
            if (!open.isEmpty()) {
                throw FailureException.of(FailureCode.IN_USE, "the replica of " + replica.spec().vmName()
                        + " is below the disks of open branches: " + String.join(", ", open));
            }
            requireLetGo(replica.spec(), replica.kept(), letGo);
            replica.close();
            FolderTree.drop(home);
            replicas.remove(relationship);
            LOG.info("replica removed relationship={}", relationship);
        } finally {
            changing.unlock();
        }
    }

    /** As {@link #remove(RelationshipId, Collection)}, with no point let go. */
    public void remove(RelationshipId relationship) throws IOException {
        remove(relationship, List.of());
    }

    private static void requireLetGo(ReplicaSpec spec, Set<LogPosition> kept, Collection<LogPosition> letGo) {
        kept.stream().filter(point -> !letGo.contains(point)).findFirst().ifPresent(point -> {
            throw Pins.keeps(spec, point, "it would go with the replica");
        });
    }

    private void removeUnopened(Path home, Collection<LogPosition> letGo) throws IOException {
        FolderTree.delete(home.resolveSibling(home.getFileName() + FolderTree.FILLING));
        if (!Files.isDirectory(home)) {
            return;
        }
        ReplicaFolder folder = new ReplicaFolder(home);
        if (folder.mayHaveBranches()) {
            throw FailureException.of(FailureCode.IN_USE, "folder " + home + " holds a replica that cannot be opened, "
                    + "and a VM may run from the disks in " + folder.branches(),
                    "End that VM and delete the folder by hand, if nothing runs from it.");
        }
        specIn(home).ifPresent(spec -> requireLetGo(spec, Pins.in(home), letGo));
        FolderTree.drop(home);
        unreadable.remove(home);
        LOG.info("replica removed that could not be opened folder={}", home);
    }

    @Override
    public void close() throws IOException {
        changing.lock();
        try (lockChannel) {
            for (Replica replica : replicas.values()) {
                replica.close();
            }
            replicas.clear();
        } finally {
            changing.unlock();
        }
    }
}
