package org.understudy.hypervisor.libvirt;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.understudy.disk.ImageServer;
import org.understudy.hypervisor.NbdPoint;
import org.understudy.hypervisor.RestRequest;
import org.understudy.model.DiskName;
import org.understudy.model.VmId;

/** A point in time of a VM that is shut off: its images, each served by a process of its own. */
final class RestingPoint implements NbdPoint {
    private final PointsAtRest points;
    private final VmId vm;
    private final RestRequest request;
    private final Instant takenAt;
    private final String imprint;
    private final Map<DiskName, ImageServer> servers;

    RestingPoint(
            PointsAtRest points, VmId vm, RestRequest request, Instant takenAt, String imprint,
            Map<DiskName, ImageServer> servers) {
        this.points = points;
        this.vm = vm;
        this.request = request;
        this.takenAt = takenAt;
        this.imprint = imprint;
        this.servers = servers;
    }

    @Override
    public Instant takenAt() {
        return takenAt;
    }

    @Override
    public Path socket(DiskName disk) {
        return server(disk).socket();
    }

    @Override
    public String exportName(DiskName disk) {
        server(disk);
        return disk.value();
    }

    @Override
    public Optional<String> dirtyContext(DiskName disk) {
        server(disk);
        return request.since().map("qemu:dirty-bitmap:"::concat);
    }

    @Override
    public void requireIntact() throws IOException {
        points.requireSame(vm, request.disks(), imprint);
    }

    @Override
    public void close() throws IOException {
        for (ImageServer server : servers.values()) {
            server.close();
        }
    }

    private ImageServer server(DiskName disk) {
        ImageServer server = servers.get(disk);
        if (server == null) {
            throw new IllegalArgumentException("disk " + disk + " is not part of this point in time");
        }
        return server;
    }
}
