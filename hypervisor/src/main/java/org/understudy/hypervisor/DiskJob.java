package org.understudy.hypervisor;

import java.util.Objects;
import org.understudy.model.ByteCount;

/**
 * A hypervisor's job on one disk of a running VM, whoever began it.
 *
 * @param done of {@code total}; both are estimates of the hypervisor, and 0 when it has none yet
 * @param ready of an {@link Kind#INTO_BELOW}: what is below holds all, and follows every write
 */
public record DiskJob(Kind kind, ByteCount done, ByteCount total, boolean ready) {
    public DiskJob {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(done, "done");
        Objects.requireNonNull(total, "total");
    }

    /** What a job does. */
    public enum Kind {
        /** Copies into the VM's image what it still reads from the images below. */
        STAND_ALONE,
        /** Writes what the VM's image holds into one below. */
        INTO_BELOW,
        /** Of another kind, and so of another program. */
        OTHER
    }
}
