package org.understudy.agent.source;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.understudy.changelog.LogDirectory;
import org.understudy.changelog.LogKind;
import org.understudy.disk.FolderAccess;
import org.understudy.disk.Folders;
import org.understudy.disk.FreeSpace;
import org.understudy.hypervisor.PointInTimeRequest;
import org.understudy.hypervisor.RestRequest;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.replication.FileSegment;
import org.understudy.replication.Segment;

/**
 * The owner of what a relationship leaves beside its disks at the source: in the folder of each disk's image a folder
 * {@code .understudy-<item>}, or {@code .understudy-<item>.<generation>} for those after the first, with change logs
 * (D-02) and, during a cycle, scratch files. A folder of our own, because images of several VMs may share one and each
 * has a {@code vda}.
 *
 * <p>A disk whose image was moved has its new logs where it is now; those that wait are found where it was.
 */
final class SourceDisks {
    /**
     * What stays free on the source's file systems: the guest's own growing images live there too, and a guest must
     * never see a full disk because of us (D-07). A quarter of a gibibyte is what a busy guest writes in a second or
     * two.
     */
    static final ByteCount RESERVE = ByteCount.ofMebibytes(256);

    private final Relationship relationship;
    /** Where the image is now first, then where it was before. */
    private final Map<DiskName, List<LogDirectory>> logs = new TreeMap<>();

    SourceDisks(Relationship relationship) {
        this.relationship = relationship;
        relationship.disks().forEach((name, disk) -> {
            List<LogDirectory> directories = new ArrayList<>(List.of(directory(disk.folder())));
            disk.earlier().forEach(folder -> directories.add(directory(folder)));
            logs.put(name, directories);
        });
    }

    private LogDirectory directory(String imageFolder) {
        String name = PointInTimeRequest.FOLDER_PREFIX + relationship.id().folderName();
        return new LogDirectory(Path.of(imageFolder, name), LogKind.CHANGE);
    }

    /** Where the logs of a disk are written. */
    LogDirectory logs(DiskName disk) {
        return logs.get(disk).getFirst();
    }

    /**
     * What to ask the hypervisor for: scratch files beside the logs, of names that no attempt had before. Only the last
     * folder is made: where that of the images is away, it must not come into being on another file system.
     */
    PointInTimeRequest request(String checkpoint, Optional<String> since) throws IOException {
        Map<DiskName, Path> scratch = new TreeMap<>();
        for (DiskName disk : logs.keySet()) {
            Path folder = logs(disk).folder();
            Folders.makeIfAbsent(folder, FolderAccess.PRIVATE);
            scratch.put(disk, folder.resolve(disk + "-" + checkpoint + PointInTimeRequest.SCRATCH_MARK));
        }
        return new PointInTimeRequest(checkpoint, since, socket() + ".sock", scratch);
    }

    /** The same for a VM that is shut off: nothing is made beside its images but the logs. */
    RestRequest restRequest(Optional<String> since) throws IOException {
        for (DiskName disk : logs.keySet()) {
            Folders.makeIfAbsent(logs(disk).folder(), FolderAccess.PRIVATE);
        }
        return new RestRequest(logs.keySet(), since, socket());
    }

    private String socket() {
        return PointInTimeRequest.SOCKET_PREFIX + relationship.item().toString().substring(0, 8) + "-"
                + relationship.generation();
    }

    /** Refuses with SOURCE_STORAGE_FULL when a disk's file system has less than the reserve. */
    void requireSpace() throws IOException {
        for (DiskName disk : logs.keySet()) {
            requireSpace(disk);
        }
    }

    void requireSpace(DiskName disk) throws IOException {
        Path folder = Path.of(relationship.disks().get(disk).folder());
        ByteCount free = FreeSpace.of(folder);
        if (free.compareTo(RESERVE) < 0) {
            throw FailureException.of(FailureCode.SOURCE_STORAGE_FULL, "Replication of VM " + relationship.vmName()
                    + " waits: " + folder + " has " + free + " free and " + RESERVE + " stay reserved for the guests.");
        }
    }

    ByteCount logBytes(LogPosition position) throws IOException {
        ByteCount sum = ByteCount.ZERO;
        for (DiskName disk : logs.keySet()) {
            Path file = file(disk, position);
            sum = sum.plus(new ByteCount(Files.exists(file) ? Files.size(file) : 0));
        }
        return sum;
    }

    Segment segment(DiskName disk, LogPosition position) throws IOException {
        return FileSegment.of(disk, position, file(disk, position));
    }

    /** Whether the logs of a position are all there. */
    boolean has(LogPosition position) {
        return logs.keySet().stream().allMatch(disk -> Files.exists(file(disk, position)));
    }

    private Path file(DiskName disk, LogPosition position) {
        return logs.get(disk).stream().map(directory -> directory.file(disk, position)).filter(Files::exists)
                .findFirst().orElseGet(() -> logs(disk).file(disk, position));
    }

    void deleteLogsUpTo(LogPosition position) throws IOException {
        for (Place place : places()) {
            for (LogPosition closed : place.directory().list(place.disk(), position.generation())) {
                if (!closed.isAfter(position)) {
                    place.directory().delete(place.disk(), closed);
                }
            }
        }
    }

    /**
     * Deletes the scratch files of a cycle whose QEMU died with it; there is no point in time open when it is
     * called.
     */
    void deleteScratch() throws IOException {
        for (Place place : places()) {
            if (Files.isDirectory(place.directory().folder())) {
                deleteScratch(place.directory().folder());
            }
        }
    }

    private static void deleteScratch(Path folder) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, PointInTimeRequest::isOurScratch)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** Deletes logs that were never finished: no cycle goes on with one. */
    void discardOpenLogs() throws IOException {
        for (Place place : places()) {
            place.directory().discardOpen(place.disk());
        }
    }

    /** Deletes the logs of cycles that never counted, open ones too. */
    void deleteLogsFrom(LogPosition position) throws IOException {
        discardOpenLogs();
        for (Place place : places()) {
            for (LogPosition closed : place.directory().list(place.disk(), position.generation())) {
                if (closed.equals(position) || closed.isAfter(position)) {
                    place.directory().delete(place.disk(), closed);
                }
            }
        }
    }

    /** Deletes our folders; what somebody else put there stays, and then its folder too. */
    void deleteAll() throws IOException {
        deleteScratch();
        deleteLogsFrom(LogPosition.startOf(relationship.generation()));
        Set<Path> folders = new TreeSet<>();
        places().forEach(place -> folders.add(place.directory().folder()));
        for (Path folder : folders) {
            if (Files.isDirectory(folder) && isEmpty(folder)) {
                Files.delete(folder);
            }
        }
    }

    /**
     * Of a disk that was moved, deletes our folder where it was, if nothing is left in there; not when that is another
     * name of where it is now, in which the next cycle may be beginning.
     */
    void deleteEarlierFolders() throws IOException {
        for (List<LogDirectory> directories : logs.values()) {
            for (LogDirectory earlier : directories.subList(1, directories.size())) {
                boolean old = Files.isDirectory(earlier.folder()) && !isWhereDisksAre(earlier.folder());
                if (old && isEmpty(earlier.folder())) {
                    Files.delete(earlier.folder());
                }
            }
        }
    }

    private boolean isWhereDisksAre(Path folder) throws IOException {
        Path named = folder.toRealPath();
        for (List<LogDirectory> directories : logs.values()) {
            Path now = directories.getFirst().folder();
            if (Files.isDirectory(now) && now.toRealPath().equals(named)) {
                return true;
            }
        }
        return false;
    }

    /** A folder of ours that may hold logs of a disk. */
    private record Place(DiskName disk, LogDirectory directory) {}

    private List<Place> places() {
        List<Place> places = new ArrayList<>();
        logs.forEach((disk, directories) -> directories.forEach(it -> places.add(new Place(disk, it))));
        return places;
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            return !entries.iterator().hasNext();
        }
    }
}
