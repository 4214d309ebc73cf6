package org.understudy.agent.source;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
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
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.replication.FileSegment;
import org.understudy.replication.Segment;

/**
 * The owner of what an item leaves beside its disks at the source: in the folder of each disk's image a folder
 * {@code .understudy-<item>} with change logs (D-02) and, during a cycle, scratch files. A folder of our own, because
 * images of several VMs may share one and each has a {@code vda}.
 */
final class SourceDisks {
    /**
     * What stays free on the source's file systems: the guest's own growing images live there too, and a guest must
     * never see a full disk because of us (D-07). A quarter of a gibibyte is what a busy guest writes in a second or
     * two.
     */
    static final ByteCount RESERVE = ByteCount.ofMebibytes(256);

    private final Relationship relationship;
    private final Map<DiskName, LogDirectory> logs = new TreeMap<>();

    SourceDisks(Relationship relationship) {
        this.relationship = relationship;
        relationship.disks().forEach((name, disk) -> logs.put(name, new LogDirectory(
                Path.of(disk.folder(), PointInTimeRequest.FOLDER_PREFIX + relationship.item()), LogKind.CHANGE)));
    }

    LogDirectory logs(DiskName disk) {
        return logs.get(disk);
    }

    /** What to ask the hypervisor for: scratch files beside the logs. */
    PointInTimeRequest request(String checkpoint, Optional<String> since) throws IOException {
        Map<DiskName, Path> scratch = new TreeMap<>();
        for (Map.Entry<DiskName, LogDirectory> entry : logs.entrySet()) {
            Folders.makeIfAbsent(entry.getValue().folder(), FolderAccess.PRIVATE);
            scratch.put(entry.getKey(), scratch(entry.getKey()));
        }
        String socket = PointInTimeRequest.SOCKET_PREFIX + relationship.item().toString().substring(0, 8) + ".sock";
        return new PointInTimeRequest(checkpoint, since, socket, scratch);
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
            throw FailureException.of(FailureCode.SOURCE_STORAGE_FULL, "Replication of item " + relationship.item()
                    + " waits: " + folder + " has " + free + " free and " + RESERVE + " stay reserved for the guests.");
        }
    }

    ByteCount logBytes(LogPosition position) throws IOException {
        ByteCount sum = ByteCount.ZERO;
        for (Map.Entry<DiskName, LogDirectory> entry : logs.entrySet()) {
            Path file = entry.getValue().file(entry.getKey(), position);
            sum = sum.plus(new ByteCount(Files.exists(file) ? Files.size(file) : 0));
        }
        return sum;
    }

    Segment segment(DiskName disk, LogPosition position) throws IOException {
        return FileSegment.of(disk, position, logs.get(disk).file(disk, position));
    }

    /** Whether the logs of a position are all there. */
    boolean has(LogPosition position) {
        return logs.entrySet().stream().allMatch(
                entry -> Files.exists(entry.getValue().file(entry.getKey(), position)));
    }

    void deleteLogsUpTo(LogPosition position) throws IOException {
        for (Map.Entry<DiskName, LogDirectory> entry : logs.entrySet()) {
            for (LogPosition closed : entry.getValue().list(entry.getKey(), position.generation())) {
                if (!closed.isAfter(position)) {
                    entry.getValue().delete(entry.getKey(), closed);
                }
            }
        }
    }

    /**
     * Deletes the scratch files of a cycle whose QEMU died with it; there is no point in time open when it is
     * called.
     */
    void deleteScratch() throws IOException {
        for (DiskName disk : logs.keySet()) {
            Files.deleteIfExists(scratch(disk));
        }
    }

    private Path scratch(DiskName disk) {
        return logs.get(disk).folder().resolve(disk + ".understudy-scratch");
    }

    /** Deletes the logs of a cycle that never counted, open ones too. */
    void deleteLogsFrom(LogPosition position) throws IOException {
        for (Map.Entry<DiskName, LogDirectory> entry : logs.entrySet()) {
            entry.getValue().discardOpen(entry.getKey());
            for (LogPosition closed : entry.getValue().list(entry.getKey(), position.generation())) {
                if (closed.equals(position) || closed.isAfter(position)) {
                    entry.getValue().delete(entry.getKey(), closed);
                }
            }
        }
    }

    /** Deletes our folders; what somebody else put there stays, and then its folder too. */
    void deleteAll() throws IOException {
        deleteScratch();
        deleteLogsFrom(LogPosition.startOf(relationship.generation()));
        Set<Path> folders = new TreeSet<>();
        logs.values().forEach(directory -> folders.add(directory.folder()));
        for (Path folder : folders) {
            if (Files.isDirectory(folder) && isEmpty(folder)) {
                Files.delete(folder);
            }
        }
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            return !entries.iterator().hasNext();
        }
    }
}
