package org.understudy.agent.target;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.understudy.replica.BranchPlace;
import org.understudy.replica.Replica;

/**
 * The folder in which this host's administrator expects the images of VMs: those of a VM that fails over to stay are
 * made there. Where it is not there, they are made in the replica's own folder.
 */
public record ImageFolder(Path path) {
    /** That of libvirt's default pool. */
    public static final String USUAL = "/var/lib/libvirt/images";

    public ImageFolder {
        Objects.requireNonNull(path, "path");
    }

    /** Where the disks of a failover lie, with the bitmap that the reverse direction begins from. */
    BranchPlace of(Replica replica) {
        Optional<Path> folder = Files.isDirectory(path) ? Optional.of(path.toAbsolutePath()) : Optional.empty();
        return new BranchPlace(folder, Optional.of("understudy-" + replica.spec().item().toString().substring(0, 8)
                + "-" + (replica.spec().generation() + 1) + "-0"));
    }
}
