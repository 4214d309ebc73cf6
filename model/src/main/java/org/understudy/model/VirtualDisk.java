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
    public VirtualDisk {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(format, "format");
        Objects.requireNonNull(size, "size");
        Objects.requireNonNull(obstacle, "obstacle");
    }
}
