package org.understudy.capture;

import java.io.IOException;
import java.nio.file.Path;
import org.understudy.disk.FreeSpace;
import org.understudy.model.ByteCount;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/**
 * Keeps a capture from filling the file system on which the guest itself may want to write.
 *
 * <p>An interface because the policy is the caller's; asked before a capture and every {@link #EVERY} that it writes.
 */
@FunctionalInterface
public interface SpaceGuard {
    /** How much a capture writes between two questions; a reserve should be a multiple. */
    ByteCount EVERY = ByteCount.ofMebibytes(32);

    /** Throws {@link FailureException} with {@link FailureCode#SOURCE_STORAGE_FULL} to end the capture. */
    void check() throws IOException;

    /** Ends a capture when less than {@code reserve} is left on the file system of a folder that exists. */
    static SpaceGuard keepingFree(Path folder, ByteCount reserve) {
        return () -> {
            ByteCount free = FreeSpace.of(folder);
            if (free.compareTo(reserve) < 0) {
                throw FailureException.of(FailureCode.SOURCE_STORAGE_FULL,
                        "%s has %s free, and replication leaves the guest %s; the change log was not written".formatted(
                                folder, free, reserve));
            }
        };
    }
}
