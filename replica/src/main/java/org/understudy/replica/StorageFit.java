package org.understudy.replica;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.understudy.disk.FreeSpace;
import org.understudy.model.ByteCount;

/**
 * What a replica would need of the file system where replicas are, and what is there: looked at before one is made.
 *
 * @param folder where replicas are
 * @param disks what would be replicated
 * @param used how much of the disks is written at the source, if that is known; the replica takes that much at once
 * @param free bytes that may be written, the reserve taken off
 * @param freeFiles files that may be made; empty where there is no such limit
 * @param largestFile how large one file can be
 */
public record StorageFit(Path folder, List<ReplicaDisk> disks, Optional<ByteCount> used, ByteCount free,
        OptionalLong freeFiles, ByteCount largestFile) {
    /** A cycle makes a few files a disk, and each recovery point keeps one a disk and a folder. */
    private static final long FILES_MIN = 1000;

    public StorageFit {
        disks = List.copyOf(disks);
    }

    /** Looks, and makes nothing that stays. */
    static StorageFit look(StorageReserve reserve, List<ReplicaDisk> disks, Optional<ByteCount> used)
            throws IOException {
        long free = Math.max(0, reserve.freeSpace().at(reserve.folder()).bytes() - reserve.reserve().bytes());
        OptionalLong files = FreeSpace.files(reserve.folder());
        // Where no file can be made, none tells how large it could be; the lack of inodes is told.
        ByteCount largest = files.isPresent() && files.getAsLong() == 0
                ? new ByteCount(Long.MAX_VALUE) : FreeSpace.largestFile(reserve.folder());
        return new StorageFit(reserve.folder(), disks, used, new ByteCount(free), files, largest);
    }

    /** All of the disks, as large as they can grow. */
    public ByteCount wholeDisks() {
        return new ByteCount(disks.stream().mapToLong(disk -> disk.size().bytes()).sum());
    }

    /** Why the replica cannot be kept here, a sentence each; empty when it can. */
    public List<String> obstacles() {
        List<String> obstacles = new ArrayList<>();
        for (ReplicaDisk disk : disks) {
            if (disk.size().compareTo(largestFile) > 0) {
                obstacles.add(tooLarge(disk, folder, largestFile));
            }
        }
        if (free.bytes() == 0) {
            obstacles.add("The file system of folder " + folder + " has no bytes left for replicas.");
        } else if (used.isPresent() && used.get().compareTo(free) > 0) {
            obstacles.add(String.format(Locale.ROOT, "The disks hold %s, and folder %s has %s for replicas.",
                    used.get(), folder, free));
        }
        if (freeFiles.isPresent() && freeFiles.getAsLong() < FILES_MIN) {
            obstacles.add(String.format(Locale.ROOT, "The file system of folder %s has %d inodes left; at least %d are "
                    + "needed, for each recovery point is a folder with a file for each disk.",
                    folder, freeFiles.getAsLong(), FILES_MIN));
        }
        return obstacles;
    }

    /** What may become scarce later, a sentence each. */
    public List<String> warnings() {
        return wholeDisks().compareTo(free) <= 0 ? List.of() : List.of(String.format(Locale.ROOT,
                "The disks can grow to %s, and folder %s has %s for replicas and their recovery points.",
                wholeDisks(), folder, free));
    }

    static String tooLarge(ReplicaDisk disk, Path folder, ByteCount largest) {
        return String.format(Locale.ROOT, "Disk %s has %s, and a file in folder %s can have %s at most.",
                disk.name(), disk.size(), folder, largest);
    }
}
