package org.understudy.replica;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalLong;
import org.understudy.disk.DiskFull;
import org.understudy.disk.FreeSpace;
import org.understudy.model.ByteCount;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/**
 * The part of a file system that replication leaves free, so that a full target pauses in good order (D-07)
 * instead of failing in the middle of a state file. Safe for threads.
 *
 * @param folder where the replicas are
 * @param reserve never used
 * @param freeSpace asked before writing
 */
record StorageReserve(Path folder, ByteCount reserve, SpaceProbe freeSpace) {
    /** With less than this a file system refuses writes, whatever it says. */
    private static final ByteCount NOTHING = ByteCount.ofMebibytes(1);

    /** Passes when {@code needed} more bytes leave the reserve whole; otherwise TARGET_STORAGE_FULL. */
    void require(ByteCount needed) throws IOException {
        ByteCount free = freeSpace.at(folder);
        if (free.bytes() - needed.bytes() < reserve.bytes()) {
            throw FailureException.of(FailureCode.TARGET_STORAGE_FULL, String.format(Locale.ROOT,
                    "folder %s has %s free; %s are needed and %s stay in reserve; nothing acknowledged is lost",
                    folder, free, needed, reserve));
        }
    }

    /** The same of the file system of another folder, where an administrator keeps images. */
    StorageReserve at(Path elsewhere) {
        return elsewhere.equals(folder) || elsewhere.startsWith(folder) ? this
                : new StorageReserve(elsewhere, reserve, freeSpace);
    }

    /**
     * For what gives back more than it takes: it may use half of the reserve. Few do so at once ({@link WorkRoom}), and
     * the small files need little of the other half.
     */
    StorageReserve forMakingRoom() {
        return new StorageReserve(folder, new ByteCount(reserve.bytes() / 2), freeSpace);
    }

    /** The operating system's "no space" as the failure that an operator reads; any other exception as it is. */
    IOException orFull(IOException cause) throws IOException {
        String message = String.valueOf(cause.getMessage());
        OptionalLong files = FreeSpace.files(folder);
        ByteCount free = freeSpace.at(folder);
        if (files.isPresent() && files.getAsLong() == 0) {
            throw FailureException.of(FailureCode.TARGET_STORAGE_FULL, String.format(Locale.ROOT,
                    "folder %s has %s free and no inode: no file can be made there (%s); nothing acknowledged is lost",
                    folder, free, message),
                    "Delete files there, or have fewer recovery points; each is a folder with a file for each disk.")
                    .causedBy(cause);
        }
        // A quota shows in no number, and not every failure of a full disk says so: either is enough.
        if (DiskFull.isSaidBy(cause) || free.compareTo(NOTHING) < 0) {
            throw FailureException.of(FailureCode.TARGET_STORAGE_FULL, String.format(Locale.ROOT,
                    "folder %s has %s free; the system refused a write (%s); nothing acknowledged is lost",
                    folder, free, message)).causedBy(cause);
        }
        return cause;
    }
}
