package org.understudy.hypervisor;

import java.io.IOException;
import java.time.Instant;
import org.understudy.disk.CaptureDisk;
import org.understudy.model.DiskName;

/**
 * An open point in time of a VM's disks, readable until it is closed: of a VM that runs, or at rest, of one that is
 * shut off.
 */
public interface PointInTime extends AutoCloseable {
    /** The instant, by this host's clock, just before the hypervisor took it. */
    Instant takenAt();

    /**
     * Opens a disk of it to read; what changed is known when the point in time is incremental. Closed before this is.
     *
     * @throws IllegalArgumentException for a disk that is no part of it
     */
    CaptureDisk open(DiskName disk) throws IOException;

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
