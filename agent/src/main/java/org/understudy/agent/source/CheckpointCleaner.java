package org.understudy.agent.source;

import java.io.IOException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.hypervisor.SourceHost;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.LogPosition;

/**
 * Names the checkpoints of one relationship, and deletes those that no later cycle starts from. Deleting never holds
 * up a cycle: nothing needs an old checkpoint to be gone, and the next cycle tries again. On the capturing thread, but
 * for {@link #isBeingMade}.
 */
final class CheckpointCleaner {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointCleaner.class);

    private final SourceHost host;
    private final Relationship relationship;
    private final HostId self;
    /** Drawn by this process and not counted: sure to be ours, whatever the target says. */
    private final Set<String> drawn = ConcurrentHashMap.newKeySet();
    private final Set<String> told = new HashSet<>();
    private volatile Optional<String> current = Optional.empty();

    CheckpointCleaner(SourceHost host, Relationship relationship, HostId self) {
        this.host = host;
        this.relationship = relationship;
        this.self = self;
    }

    /** A new name for the cycle that begins now. */
    String draw(LogPosition position) {
        String name = CheckpointName.draw(relationship.id(), position, self);
        drawn.add(name);
        current = Optional.of(name);
        return name;
    }

    /** The name that was drawn last. */
    String drawn() {
        return current.orElseThrow();
    }

    /** The cycle counts: its checkpoint is the state's from now on. */
    void counted() {
        current.ifPresent(drawn::remove);
        current = Optional.empty();
    }

    boolean isBeingMade(String name) {
        return current.filter(name::equals).isPresent();
    }

    /** @param all also those that an earlier process made; else what this one made in vain alone */
    void clean(Set<String> needed, boolean all) throws IOException {
        current = Optional.empty();
        for (String name : host.checkpoints(relationship.vm())) {
            boolean known = all ? CheckpointName.isOf(relationship.id(), name) : drawn.contains(name);
            if (known && !needed.contains(name)) {
                delete(name);
            }
        }
    }

    private void delete(String name) throws IOException {
        try {
            host.deleteCheckpoint(relationship.vm(), name);
            drawn.remove(name);
            told.remove(name);
        } catch (FailureException e) {
            if (told.add(name)) {
                LOG.info("a checkpoint stays for now vm={} checkpoint={} reason=\"{}\"", relationship.vmName(), name,
                        e.failure().message());
            }
        }
    }
}
