package org.understudy.hypervisor;

import java.nio.charset.StandardCharsets;
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
 * @param socket the file name of the unix socket at which the disks are exported over NBD, starting with
 *     {@link #SOCKET_PREFIX}; made by the call, where the VM's emulator may make one
 * @param scratch for each disk, the scratch file for blocks that the guest overwrites meanwhile; made by the call
 *     (decision 43), removed by the end of the point in time; its file name contains {@link #SCRATCH_MARK}. Named
 *     {@code <name of the disk's image>…} in the image's folder, it is found again even when QEMU and agent died
 */
public record PointInTimeRequest(
        String checkpoint, Optional<String> since, String socket, Map<DiskName, Path> scratch) {
    /** What tells our checkpoints from others'. */
    public static final String CHECKPOINT_PREFIX = "understudy-";

    /** What tells a socket of ours from others'. */
    public static final String SOCKET_PREFIX = "understudy-";

    /** Begins the name of a folder of ours beside the images of a VM. */
    public static final String FOLDER_PREFIX = ".understudy-";

    /** What tells a scratch file of ours from others'. */
    public static final String SCRATCH_MARK = ".understudy-scratch";

    /** Leaves room in the 107 bytes of a socket's path for the folder in which the emulator may make it. */
    private static final int SOCKET_NAME_BYTES_MAX = 40;

    public PointInTimeRequest {
        if (!checkpoint.startsWith(CHECKPOINT_PREFIX)) {
            throw new IllegalArgumentException("checkpoint \"" + checkpoint + "\" lacks our prefix");
        }
        Objects.requireNonNull(since, "since");
        if (!socket.startsWith(SOCKET_PREFIX) || socket.contains("/")
                || socket.getBytes(StandardCharsets.UTF_8).length > SOCKET_NAME_BYTES_MAX) {
            throw new IllegalArgumentException("socket " + socket + " lacks our prefix " + SOCKET_PREFIX
                    + ", is a path, or is longer than " + SOCKET_NAME_BYTES_MAX + " bytes");
        }
        scratch = Map.copyOf(scratch);
        if (scratch.isEmpty() || !scratch.values().stream().allMatch(PointInTimeRequest::isOurScratch)) {
            throw new IllegalArgumentException("each disk needs a scratch file with " + SCRATCH_MARK
                    + " in its name, not " + scratch);
        }
    }

    /** Whether a socket was made by one of these requests. */
    public static boolean isOurSocket(Path socket) {
        return fileName(socket).startsWith(SOCKET_PREFIX);
    }

    /** Whether a folder was made by us, to hold logs and scratch files. */
    public static boolean isOurFolder(Path folder) {
        return fileName(folder).startsWith(FOLDER_PREFIX);
    }

    /** Whether a scratch file was made by one of these requests. */
    public static boolean isOurScratch(Path file) {
        return fileName(file).contains(SCRATCH_MARK);
    }

    private static String fileName(Path file) {
        return file.getFileName() == null ? "" : file.getFileName().toString();
    }
}
