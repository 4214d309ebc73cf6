package org.understudy.replica;

import java.util.Objects;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;

/** A disk of a replica: its name in the VM and its size in bytes, which never changes within a generation. */
public record ReplicaDisk(DiskName name, ByteCount size) {
    public ReplicaDisk {
        Objects.requireNonNull(name, "name");
        if (size.bytes() < 1) {
            throw new IllegalArgumentException("disk " + name + " of a replica has no size");
        }
    }
}
