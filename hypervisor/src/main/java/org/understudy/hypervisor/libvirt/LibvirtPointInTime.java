package org.understudy.hypervisor.libvirt;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.understudy.hypervisor.NbdPoint;
import org.understudy.hypervisor.PointInTimeRequest;
import org.understudy.model.DiskName;
import org.understudy.model.VmId;

/** A pull-mode backup job of libvirt that Understudy began. A close that failed may be tried again. */
final class LibvirtPointInTime implements NbdPoint {
    private final LibvirtBackups backups;
    private final VmId vm;
    private final PointInTimeRequest request;
    private final Path socket;
    private final Instant takenAt;
    private boolean closed;

    LibvirtPointInTime(LibvirtBackups backups, VmId vm, PointInTimeRequest request, Path socket, Instant takenAt) {
        this.backups = backups;
        this.vm = vm;
        this.request = request;
        this.socket = socket;
        this.takenAt = takenAt;
    }

    @Override
    public Instant takenAt() {
        return takenAt;
    }

    @Override
    public Path socket(DiskName disk) {
        requireRequested(disk);
        return socket;
    }

    /** What the guest overwrites is copied before; nothing else changes what is shown. */
    @Override
    public void requireIntact() {}

    @Override
    public String exportName(DiskName disk) {
        requireRequested(disk);
        return disk.value();
    }

    @Override
    public Optional<String> dirtyContext(DiskName disk) {
        requireRequested(disk);
        return request.since().map(since -> "qemu:dirty-bitmap:" + BackupXml.bitmap(disk));
    }

    @Override
    public synchronized void close() throws IOException {
        if (!closed) {
            backups.end(vm, request, socket);
            closed = true;
        }
    }

    private void requireRequested(DiskName disk) {
        if (!request.scratch().containsKey(disk)) {
            throw new IllegalArgumentException("disk " + disk + " is not part of this point in time");
        }
    }
}
