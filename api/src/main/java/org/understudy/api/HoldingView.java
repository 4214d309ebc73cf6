package org.understudy.api;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.understudy.model.ByteCount;
import org.understudy.model.ItemId;

/**
 * A folder that lies where a host keeps replicas, of an item that ended as well.
 *
 * @param path on the host
 * @param item whose replica it is; empty when that cannot be told
 * @param machine the name of its VM; empty likewise
 * @param source the host it was replicated from, by name if the vault still knows it
 * @param bytes what it took of the file system
 * @param standing why it is there
 * @param kept why it cannot be removed with "host holdings remove"; empty when it can
 * @param problems why it is not in use, and the disks of it that a VM may run from
 * @param at when the host was looked at
 */
public record HoldingView(String path, Optional<ItemId> item, Optional<String> machine, Optional<String> source,
        ByteCount bytes, Standing standing, Optional<String> kept, List<String> problems, Instant at) {
    public HoldingView {
        problems = List.copyOf(problems);
    }

    /** What the vault knows of the item. */
    public enum Standing {
        /** The vault has it. */
        PROTECTED,
        /** The vault has it no more, or never had it. */
        ENDED,
        /** Nobody can tell whose it is. */
        UNKNOWN
    }
}
