package org.understudy.command;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.understudy.model.ByteCount;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;

/**
 * A folder in which a host keeps, or once kept, a replica. Whether its item still is one the vault knows.
 *
 * @param path on the host
 * @param item whose replica it says to be; empty when that cannot be told
 * @param generation of which of its directions; 1 when that cannot be told, and from an agent of the first release
 * @param vmName of the VM; empty likewise
 * @param source from where it was replicated; empty likewise
 * @param bytes what it takes of the file system
 * @param removable whether {@link AgentCommand.RemoveReplica} of the item removes it: not a copy that a person made
 * @param branches disks made from it that a VM may run from; while there are any it is not removed
 * @param problem why it is not in use; empty when it is
 * @param fedAt when a source fed it last, now if one is connected; empty when none may, and in what versions before 0.2
 *     tell
 * @param kept the points of it that stay until somebody lets them go by name; empty in what versions before 0.2 tell
 */
public record HeldFolder(
        String path, Optional<ItemId> item, long generation, Optional<String> vmName, Optional<HostId> source,
        ByteCount bytes, boolean removable, List<String> branches, Optional<String> problem,
        Optional<Instant> fedAt, List<LogPosition> kept) {
    /** Twice the longest copy frequency: whoever has fed a replica within it may do so again. */
    public static final Duration FED_LATELY = Duration.ofMinutes(30);

    public HeldFolder {
        generation = Math.max(generation, RelationshipId.FIRST);
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(bytes, "bytes");
        branches = List.copyOf(branches);
        fedAt = Objects.requireNonNullElse(fedAt, Optional.empty());
        kept = kept == null ? List.of() : List.copyOf(kept);
    }

    /** Of a folder that nobody feeds and that keeps no point for good. */
    public HeldFolder(
            String path, Optional<ItemId> item, long generation, Optional<String> vmName, Optional<HostId> source,
            ByteCount bytes, boolean removable, List<String> branches, Optional<String> problem) {
        this(path, item, generation, vmName, source, bytes, removable, branches, problem, Optional.empty(),
                List.of());
    }

    /** Whether a source may yet feed it. */
    public boolean isFed(Instant now) {
        return fedAt.filter(now.minus(FED_LATELY)::isBefore).isPresent();
    }

    /** Whose replica it says to be. */
    public Optional<RelationshipId> relationship() {
        return item.map(it -> new RelationshipId(it, generation));
    }
}
