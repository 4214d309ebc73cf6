package org.understudy.agent.target;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.disk.PrivateFile;
import org.understudy.replica.BranchPlace;
import org.understudy.replica.Replica;

/**
 * The folder in which this host's administrator expects the images of VMs: those of a VM that fails over to stay are
 * made there. Where that cannot be done, they are made in the replica's own folder: a failover is past its fence then
 * and must not stop for the sake of a place.
 */
public record ImageFolder(Path path) {
    private static final Logger LOG = LoggerFactory.getLogger(ImageFolder.class);

    /** That of libvirt's default pool. */
    public static final String USUAL = "/var/lib/libvirt/images";

    public ImageFolder {
        Objects.requireNonNull(path, "path");
    }

    /** Where the disks of a failover lie, with the bitmap that the reverse direction begins from. */
    BranchPlace of(Replica replica) {
        Optional<Path> folder = takesImages() ? Optional.of(path.toAbsolutePath()) : Optional.empty();
        return new BranchPlace(folder, Optional.of("understudy-" + replica.spec().item().toString().substring(0, 8)
                + "-" + (replica.spec().generation() + 1) + "-0"));
    }

    /** Whether it can be written to and knows links, by which an image gets its name without replacing another. */
    private boolean takesImages() {
        if (!Files.isDirectory(path)) {
            return false;
        }
        try {
            Path made = path.resolve(".understudy-" + UUID.randomUUID() + ".trial");
            PrivateFile.create(made);
            Path link = made.resolveSibling(made.getFileName() + ".link");
            try {
                Files.createLink(link, made);
            } finally {
                Files.deleteIfExists(link);
                Files.deleteIfExists(made);
            }
            return true;
        } catch (IOException | UnsupportedOperationException e) {
            LOG.warn("disks of a failover go to the replica's folder, for this one does not take them folder={} "
                    + "reason={}", path, e.toString());
            return false;
        }
    }
}
