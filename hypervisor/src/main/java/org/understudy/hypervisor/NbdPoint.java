package org.understudy.hypervisor;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.understudy.disk.CaptureDisk;
import org.understudy.model.DiskName;
import org.understudy.nbd.NbdCaptureDisk;

/** A point in time whose disks QEMU serves over NBD, for us and for whoever else looks at it meanwhile. */
public interface NbdPoint extends PointInTime {
    /** The unix socket of the NBD server of a disk. */
    Path socket(DiskName disk);

    /** The export name of a disk. */
    String exportName(DiskName disk);

    /** The NBD meta context of the disk's dirty bitmap; empty when the point in time is not incremental. */
    Optional<String> dirtyContext(DiskName disk);

    @Override
    default CaptureDisk open(DiskName disk) throws IOException {
        return NbdCaptureDisk.connect(socket(disk), exportName(disk), dirtyContext(disk));
    }
}
