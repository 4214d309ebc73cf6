package org.understudy.api;

import java.util.Objects;
import java.util.Optional;
import org.understudy.model.ByteCount;

/**
 * How far the disks of a committed VM are its own; its replication waits while one is worked on.
 *
 * @param description what is done just now, or stands in the way
 * @param disk on which a job works; empty while none does
 * @param done bytes of that disk, of {@code total}
 * @param disksLeft disks that are not the VM's own yet, this one among them
 */
public record HandOverView(
        String description, Optional<String> disk, ByteCount done, ByteCount total, int disksLeft) {
    public HandOverView {
        Objects.requireNonNull(description, "description");
    }
}
