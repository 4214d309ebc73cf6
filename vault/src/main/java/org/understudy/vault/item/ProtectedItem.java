package org.understudy.vault.item;

import java.util.List;
import java.util.Objects;
import org.understudy.command.AgentCommand.ReplicaDisk;
import org.understudy.model.CloudPairId;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.NetworkAdapter;
import org.understudy.model.RelationshipId;
import org.understudy.model.VmId;

/**
 * A VM and its replica: what the vault decided about them. Immutable; a change is a new value with a higher version.
 *
 * @param generation of the direction in which it goes now: 1 first, one more each time it is reversed
 * @param version 1 when made, one more with each change; {@link ProtectedItemStore#replace} compares it
 */
public record ProtectedItem(
        ItemId id, Machine machine, Route route, long generation, ProtectionState state, long version) {
    public ProtectedItem {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(machine, "machine");
        Objects.requireNonNull(route, "route");
        Objects.requireNonNull(state, "state");
    }

    /** The VM, as far as a failover needs to know it when its host is gone. */
    public record Machine(VmId vm, String name, List<ReplicaDisk> disks, List<NetworkAdapter> adapters) {
        public Machine {
            disks = List.copyOf(disks);
            adapters = List.copyOf(adapters);
        }
    }

    /** From where to where it replicates. */
    public record Route(CloudPairId pair, HostId source, HostId target) {}

    /** The direction in which it goes now. */
    public RelationshipId relationship() {
        return new RelationshipId(id, generation);
    }

    /** The name of the item: that of its VM. */
    public String name() {
        return machine.name();
    }

    /** The same item with its replica on another host, before anything replicates, one version later. */
    public ProtectedItem withTarget(HostId target) {
        return new ProtectedItem(
                id, machine, new Route(route.pair(), route.source(), target), generation, state, version + 1);
    }

    /** The same item replicating between other hosts, which is another direction of it, one version later. */
    public ProtectedItem reversed(HostId source, HostId target) {
        return new ProtectedItem(
                id, machine, new Route(route.pair(), source, target), generation + 1, state, version + 1);
    }

    /** The same item in its next direction, from its target to a host that is its replica's then, one version later. */
    public ProtectedItem reversed(ProtectionState next, HostId to) {
        return new ProtectedItem(
                id, machine, new Route(route.pair(), route.target(), to), generation + 1, next, version + 1);
    }

    /** The same item, of whose VM these adapters are known. */
    public ProtectedItem withAdapters(List<NetworkAdapter> adapters) {
        return new ProtectedItem(id, new Machine(machine.vm(), machine.name(), machine.disks(), adapters), route,
                generation, state, version);
    }

    /** The direction before this one; there is one from the second on. */
    public RelationshipId relationshipBefore() {
        return new RelationshipId(id, generation - 1);
    }

    /** The same item in another state, one version later. */
    public ProtectedItem with(ProtectionState next) {
        return new ProtectedItem(id, machine, route, generation, next, version + 1);
    }
}
