package org.understudy.hypervisor;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.understudy.model.DiskName;

/** An open point in time of a VM's disks, readable over NBD until it is closed. */
public interface PointInTime extends AutoCloseable {
    /** The instant, by this host's clock, just before the hypervisor took it. */
    Instant takenAt();

    /** The unix socket of the NBD server. */
    Path socket();

    /** The export name of a disk. */
    String exportName(DiskName disk);

    /** The NBD meta context of the disk's dirty bitmap; empty when the point in time is not incremental. */
    Optional<String> dirtyContext(DiskName disk);

    /** Ends the point in time and removes its scratch files; the checkpoint stays. */
    @Override
    void close() throws IOException;
}
