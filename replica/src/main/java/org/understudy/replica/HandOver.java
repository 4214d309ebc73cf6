package org.understudy.replica;

import java.nio.file.Path;
import java.util.Objects;
import org.understudy.model.DiskName;

/**
 * A disk of a committed branch that does not belong to its VM alone yet.
 *
 * @param overlay what the VM writes to
 * @param below what that rests on
 * @param adopted whether {@code below} is the VM's own old image: then the overlay goes into it, and the VM uses it
 *     again; else what is below is copied into the overlay, which stays
 * @param format QEMU's word for what {@code below} is
 */
public record HandOver(DiskName disk, Path overlay, Path below, boolean adopted, String format) {
    public HandOver {
        Objects.requireNonNull(disk, "disk");
        Objects.requireNonNull(overlay, "overlay");
        Objects.requireNonNull(below, "below");
        Objects.requireNonNull(format, "format");
    }
}
