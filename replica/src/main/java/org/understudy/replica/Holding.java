package org.understudy.replica;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.understudy.model.ByteCount;
import org.understudy.model.LogPosition;

/**
 * One folder that lies where a host keeps replicas, and what it takes: so that what stays of items that ended is found.
 *
 * @param spec what its own file says it is; empty when that cannot be read
 * @param bytes what all of it takes of the file system
 * @param branches the disks made from it that a VM may run from
 * @param kept the points of it that stay until somebody lets them go by name
 * @param problem why it is not in use; empty when it is
 */
public record Holding(Path folder, Optional<ReplicaSpec> spec, ByteCount bytes, Use use, List<String> branches,
        List<LogPosition> kept, Optional<String> problem) {
    public Holding {
        Objects.requireNonNull(folder, "folder");
        Objects.requireNonNull(bytes, "bytes");
        Objects.requireNonNull(use, "use");
        branches = List.copyOf(branches);
        kept = List.copyOf(kept);
    }

    /** What a folder is for. */
    public enum Use {
        /** Segments of its source are taken. */
        REPLICATES,
        /** It was failed over and takes nothing more. */
        FAILED_OVER,
        /** Its failover is final: a VM's disks lie here. */
        COMMITTED,
        /** It could not be opened, is a copy, or is nothing of ours. */
        UNUSED
    }
}
