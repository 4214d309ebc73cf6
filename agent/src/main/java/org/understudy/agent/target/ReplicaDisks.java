package org.understudy.agent.target;

import java.util.List;
import org.understudy.command.AgentCommand;
import org.understudy.replica.ReplicaDisk;

/** The disks of a replica, from the vault's words for them. */
final class ReplicaDisks {
    private ReplicaDisks() {}

    static List<ReplicaDisk> of(List<AgentCommand.ReplicaDisk> asked) {
        return asked.stream().map(disk -> new ReplicaDisk(disk.name(), disk.size())).toList();
    }
}
