package org.understudy.hypervisor;

import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.understudy.model.DiskName;

/**
 * What to open a point in time of.
 *
 * @param checkpoint the name of the checkpoint to make, starting with {@link #CHECKPOINT_PREFIX}
 * @param since the checkpoint of ours to be incremental from; empty for none (everything allocated is read)
 * @param socket the unix socket at which the disks are exported over NBD; made by the call
 * @param scratch for each disk, the scratch file for blocks that the guest overwrites meanwhile; made by the call,
 *     removed by the end of the point in time
 */
public record PointInTimeRequest(
        String checkpoint, Optional<String> since, Path socket, Map<DiskName, Path> scratch) {
    /** What tells our checkpoints from others'. */
    public static final String CHECKPOINT_PREFIX = "understudy-";

    public PointInTimeRequest {
        if (!checkpoint.startsWith(CHECKPOINT_PREFIX)) {
            throw new IllegalArgumentException("checkpoint \"" + checkpoint + "\" lacks our prefix");
        }
        Objects.requireNonNull(since, "since");
        Objects.requireNonNull(socket, "socket");
        scratch = Map.copyOf(scratch);
    }
}
