package org.understudy.agent;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.agent.role.HostRoles;
import org.understudy.agent.role.RoleNote;
import org.understudy.command.AgentReport.SourceProgress;
import org.understudy.command.MachineRole;
import org.understudy.model.FailureCode;
import org.understudy.model.ItemId;

/**
 * What a source learns of a failover from its target alone, as long as no vault reaches it: a target that takes nothing
 * any more may run the VM, so it does not start here again. A host whose target does not answer hears nothing, and
 * stays as it is.
 */
final class TargetsWord {
    private static final Logger LOG = LoggerFactory.getLogger(TargetsWord.class);
    private static final Set<FailureCode> OVER = Set.of(FailureCode.REPLICA_FENCED, FailureCode.RELATIONSHIP_OVER);

    /** It is no news but after a failover behind this host's back. */
    private static final Duration REST = Duration.ofSeconds(5);

    private final HostRoles roles;
    private final ToLongFunction<ItemId> newest;
    private final Sources sources;

    /** What is known of the sources here. */
    interface Sources {
        List<SourceProgress> reports();
    }

    /** @param newest the newest generation of an item in which this host has a part */
    TargetsWord(HostRoles roles, ToLongFunction<ItemId> newest, Sources sources) {
        this.roles = roles;
        this.newest = newest;
        this.sources = sources;
    }

    void turn(Pause pause) throws IOException {
        hear();
        pause.await(REST);
    }

    /**
     * Nothing is read as long as no target says so. Then roles are read first: one that is given while the sources are
     * asked again is of a later order.
     */
    void hear() throws IOException {
        if (sources.reports().stream().noneMatch(TargetsWord::isOver)) {
            return;
        }
        Map<ItemId, RoleNote> notes = new HashMap<>();
        roles.store().all(_ -> { }).stream().filter(note -> note.role() == MachineRole.SOURCE)
                .forEach(note -> note.held().item().ifPresent(item -> notes.put(item, note)));
        for (SourceProgress told : sources.reports()) {
            ItemId item = told.relationship().item();
            if (isOver(told) && notes.containsKey(item)
                    && newest.applyAsLong(item) == told.relationship().generation()) {
                LOG.warn("the target has taken over what this host replicates relationship={}", told.relationship());
                roles.overAtItsTarget(notes.get(item));
            }
        }
    }

    private static boolean isOver(SourceProgress told) {
        return told.trouble().filter(failure -> OVER.contains(failure.code())).isPresent();
    }
}
