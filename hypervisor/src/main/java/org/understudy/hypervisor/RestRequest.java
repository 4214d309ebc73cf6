package org.understudy.hypervisor;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.understudy.model.DiskName;

/**
 * What to open a point at rest of: the disks of a VM that is shut off.
 *
 * @param since the checkpoint of ours whose bitmaps, in the images, tell what changed; empty when that is not asked
 * @param socket what the file names of the unix sockets begin with, starting with
 *     {@link PointInTimeRequest#SOCKET_PREFIX}
 */
public record RestRequest(Set<DiskName> disks, Optional<String> since, String socket) {
    private static final int SOCKET_NAME_BYTES_MAX = 40;

    public RestRequest {
        disks = Set.copyOf(disks);
        if (disks.isEmpty()) {
            throw new IllegalArgumentException("a point in time of no disk");
        }
        if (since.isPresent() && !since.get().startsWith(PointInTimeRequest.CHECKPOINT_PREFIX)) {
            throw new IllegalArgumentException("checkpoint \"" + since.get() + "\" lacks our prefix");
        }
        if (!socket.startsWith(PointInTimeRequest.SOCKET_PREFIX) || socket.contains("/")
                || socket.getBytes(StandardCharsets.UTF_8).length > SOCKET_NAME_BYTES_MAX) {
            throw new IllegalArgumentException("socket " + socket + " lacks our prefix, is a path, or is too long");
        }
    }
}
