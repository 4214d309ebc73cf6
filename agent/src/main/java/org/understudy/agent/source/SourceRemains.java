package org.understudy.agent.source;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.understudy.hypervisor.SourceHost;
import org.understudy.model.FailureException;

/** What a relationship has left on its host, and no replication needs: checkpoints, bitmaps, folders. */
final class SourceRemains {
    private final Relationship relationship;
    private final SourceHost host;
    private final SourceDisks disks;

    SourceRemains(Relationship relationship, SourceHost host, SourceDisks disks) {
        this.relationship = relationship;
        this.host = host;
        this.disks = disks;
    }

    Relationship relationship() {
        return relationship;
    }

    /** Removes what can be removed now; what stays is named with the reason. The VM stays as it is. */
    List<String> remove() {
        List<String> left = new ArrayList<>(removeFromMachine());
        try {
            disks.deleteAll();
        } catch (IOException e) {
            left.add("change logs: " + e.getMessage());
        }
        return left;
    }

    /** The same without the folders beside the disks. */
    List<String> removeFromMachine() {
        try {
            if (host.machine(relationship.vm()).isEmpty()) {
                return List.of();
            }
            host.endAbandonedPointInTime(relationship.vm());
            return host.reapCheckpoints(
                    relationship.vm(), name -> CheckpointName.isOf(relationship.id(), name));
        } catch (FailureException e) {
            return List.of(e.failure().message());
        } catch (IOException e) {
            return List.of(e.getMessage());
        }
    }
}
