package org.understudy.replica;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;

/**
 * A disk image that was there before the replica and became one of its disks, in place.
 *
 * @param file where it lies, absolute
 * @param format QEMU's word for what it is: {@code qcow2} or {@code raw}
 */
public record AdoptedImage(Path file, String format) {
    private static final Set<String> FORMATS = Set.of("qcow2", "raw");

    public AdoptedImage {
        Objects.requireNonNull(file, "file");
        if (!file.isAbsolute()) {
            throw new IllegalArgumentException("image " + file + " is no absolute path");
        }
        if (!FORMATS.contains(format)) {
            throw new IllegalArgumentException("image " + file + " of format " + format + " cannot be adopted; of "
                    + FORMATS + " it can");
        }
    }
}
