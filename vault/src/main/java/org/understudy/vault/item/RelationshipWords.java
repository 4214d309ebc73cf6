package org.understudy.vault.item;

import java.util.Optional;
import org.understudy.command.AgentCommand;
import org.understudy.command.AgentCommand.ReplicaDisk;
import org.understudy.model.LogPosition;
import org.understudy.vault.fleet.Agent;
import org.understudy.vault.policy.Policy;

/**
 * What the two agents of an item are told of their relationship, as policy and hosts are now. Told again, it changes
 * settings and addresses and nothing else (PL-02).
 */
public record RelationshipWords(ProtectedItem item, Agent source, Agent target, Policy policy) {
    /** For the target: accept the item's segments from its source, and keep its points so. */
    public AgentCommand prepare() {
        return new AgentCommand.PrepareReplica(item.relationship(), item.machine().vm(), item.name(),
                source.id(), item.machine().disks(), policy.retention(), Optional.empty());
    }

    /** For the source: replicate the VM to its target from now on. */
    public AgentCommand start() {
        return new AgentCommand.StartReplication(item.relationship(), item.machine().vm(),
                item.machine().disks().stream().map(ReplicaDisk::name).toList(),
                new AgentCommand.TargetAddress(target.id(), target.address(), target.port()), policy.replication());
    }

    /** For the target that was the source before: the same over the disks that lie there. */
    public AgentCommand adopt(LogPosition from) {
        return new AgentCommand.PrepareReplica(item.relationship(), item.machine().vm(), item.name(), source.id(),
                item.machine().disks(), policy.retention(), Optional.empty(),
                Optional.of(new AgentCommand.Adopt(from)));
    }

    /** For the source that was the target before: the same, where the replica's disks are not empty. */
    public AgentCommand startFrom(AgentCommand.ReplicaHolds base) {
        return new AgentCommand.StartReplication(item.relationship(), item.machine().vm(),
                item.machine().disks().stream().map(ReplicaDisk::name).toList(),
                new AgentCommand.TargetAddress(target.id(), target.address(), target.port()), policy.replication(),
                Optional.of(base));
    }

    /** All of it that can change, as text to compare. */
    public String changeable() {
        return "%s %s %s %s:%d".formatted(
                policy.replication(), policy.retention(), target.id(), target.address(), target.port());
    }
}
