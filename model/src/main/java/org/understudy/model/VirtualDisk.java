package org.understudy.model;

import java.util.Objects;
import java.util.Optional;

/**
 * A disk of a VM as its hypervisor describes it.
 *
 * @param file the path of its image on the source host
 * @param size what the guest sees
 * @param obstacle why its changes cannot be tracked (raw, shared, passed through, …), a sentence; empty when they can
 */
public record VirtualDisk(DiskName name, String file, String format, ByteCount size, Optional<String> obstacle) {
    /** The obstacle of a disk that a job of its hypervisor copies, pulls or commits just now: it passes by itself. */
    public static final String IN_A_JOB =
            "is being copied or committed just now (mirror), by another tool, or because the VM gets its disks "
                    + "after a failover; wait until that is over";

    public VirtualDisk {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(format, "format");
        Objects.requireNonNull(size, "size");
        Objects.requireNonNull(obstacle, "obstacle");
    }

    /** Whether nothing but a job that ends stands in the way. */
    public boolean waitsForAJob() {
        return obstacle.filter(why -> why.contains(IN_A_JOB)).isPresent();
    }
}
