package org.understudy.hypervisor;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.understudy.model.DiskName;

/**
 * An open point in time of a VM's disks, readable over NBD until it is closed: of a VM that runs, or at rest, of one
 * that is shut off.
 */
public interface PointInTime extends AutoCloseable {
    /** The instant, by this host's clock, just before the hypervisor took it. */
    Instant takenAt();

    /** The unix socket of the NBD server of a disk. */
    Path socket(DiskName disk);

    /** The export name of a disk. */
    String exportName(DiskName disk);

    /** The NBD meta context of the disk's dirty bitmap; empty when the point in time is not incremental. */
    Optional<String> dirtyContext(DiskName disk);

    /**
     * Throws when what was read may not be of one instant any more. A point at rest ends so as soon as the VM starts,
     * or anybody else writes to its images; what was read before is of no use then. Quick, for any thread.
     *
     * @throws org.understudy.model.FailureException HYPERVISOR_BUSY
     */
    void requireIntact() throws IOException;

    /** Ends the point in time and removes its scratch files; the checkpoint stays. */
    @Override
    void close() throws IOException;
}
