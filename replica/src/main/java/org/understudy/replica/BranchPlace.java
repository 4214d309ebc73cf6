package org.understudy.replica;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * Where the images of a branch are to lie, and what they bring along.
 *
 * @param folder of the host's administrator, for a VM that is to stay: {@code <vm>-<disk>.qcow2}, or the next free name
 *     of that kind; over a disk that was adopted beside that one's image instead. Empty: in the replica's own folder
 * @param bitmap a bitmap of that name notes all that is written from the point on, from the VM's first write
 */
public record BranchPlace(Optional<Path> folder, Optional<String> bitmap) {
    /** In the replica's own folder, without a bitmap: for what is thrown away. */
    public static final BranchPlace INSIDE = new BranchPlace(Optional.empty(), Optional.empty());

    public BranchPlace {
        Objects.requireNonNull(bitmap, "bitmap");
        if (folder.isPresent() && !folder.get().isAbsolute()) {
            throw new IllegalArgumentException("folder " + folder.get() + " is no absolute path");
        }
    }
}
