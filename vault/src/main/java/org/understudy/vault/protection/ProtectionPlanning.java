package org.understudy.vault.protection;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.understudy.api.ProtectRequest;
import org.understudy.api.ReadinessError;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostFact;
import org.understudy.model.HostId;
import org.understudy.vault.fleet.Agent;
import org.understudy.vault.fleet.Agents;
import org.understudy.vault.inventory.Cloud;
import org.understudy.vault.inventory.CloudStore;
import org.understudy.vault.inventory.InventoryStore;
import org.understudy.vault.inventory.ReportedMachine;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.vault.item.ProtectedItemStore;
import org.understudy.vault.name.Missing;
import org.understudy.vault.policy.CloudPair;
import org.understudy.vault.policy.CloudPairStore;

/** Gathers the facts of a VM that is to be protected, as its host reported them last, and lets the planner decide. */
public final class ProtectionPlanning {
    private final Agents agents;
    private final InventoryStore inventory;
    private final CloudStore clouds;
    private final CloudPairStore pairs;
    private final ProtectedItemStore items;
    private final TargetCandidates candidates;

    public ProtectionPlanning(Agents agents, InventoryStore inventory, CloudStore clouds, CloudPairStore pairs,
            ProtectedItemStore items, TargetCandidates candidates) {
        this.agents = agents;
        this.inventory = inventory;
        this.clouds = clouds;
        this.pairs = pairs;
        this.items = items;
        this.candidates = candidates;
    }

    /** The VM that is meant; of several of one name the host must be told. */
    ReportedMachine find(ProtectRequest request) {
        if (request.machine() == null || request.machine().isBlank()) {
            throw FailureException.of(FailureCode.REQUEST_INVALID, "the name or id of a virtual machine is missing");
        }
        Optional<HostId> host = request.host().map(agents::named).map(Agent::id);
        List<ReportedMachine> found = inventory.named(request.machine()).stream()
                .filter(machine -> host.isEmpty() || host.get().equals(machine.host()))
                .toList();
        if (found.size() > 1) {
            throw FailureException.of(FailureCode.REQUEST_INVALID, "several hosts have a virtual machine \""
                    + request.machine() + "\": " + found.stream()
                            .map(machine -> agents.get(machine.host()).name()).collect(Collectors.joining(", ")),
                    "Name its host as well (--host), see understudy vm list.");
        }
        return found.stream().findFirst().orElseThrow(() -> Missing.none("virtual machine", request.machine()));
    }

    /** The plan for a VM of which nobody knows yet whether it is protected. */
    ProtectPlanner.Plan plan(ReportedMachine reported, Optional<String> wanted) {
        return plan(reported, wanted, items.of(reported.machine().id()).isPresent());
    }

    /** The plan for an item that exists already, from what its source reports now. */
    ProtectPlanner.Plan plan(ProtectedItem item, Optional<String> wanted) {
        ReportedMachine reported = inventory.machine(item.route().source(), item.machine().vm())
                .orElseThrow(() -> FailureException.of(FailureCode.VM_NOT_FOUND_AT_SOURCE, "host "
                        + agents.get(item.route().source()).name() + " has no virtual machine " + item.name()));
        return plan(reported, wanted, false);
    }

    Optional<Cloud> cloud(ReportedMachine reported) {
        return clouds.of(reported.host());
    }

    Optional<CloudPair> pair(ReportedMachine reported) {
        return cloud(reported).flatMap(cloud -> pairs.of(cloud.id()));
    }

    /**
     * Both hosts of an item are in the clouds of its pair: planned it was before its row held them there. Within the
     * transaction that wrote the item.
     */
    void requirePlaced(ProtectedItem item) {
        CloudPair pair = pairs.get(item.route().pair());
        Optional<Cloud> source = clouds.of(item.route().source());
        Optional<Cloud> target = clouds.of(item.route().target());
        if (source.isEmpty() || target.isEmpty() || !pair.joins(source.get().id(), target.get().id())) {
            throw FailureException.of(FailureCode.OPERATION_IN_PROGRESS, "A host of virtual machine " + item.name()
                    + " was taken out of its cloud just now.",
                    "Look at the clouds (understudy cloud list) and repeat.");
        }
    }

    /** Why a VM that is not protected could not be. */
    List<ReadinessError> readiness(ReportedMachine reported) {
        return ProtectPlanner.readiness(reported.machine(), agents.get(reported.host()).name(),
                cloud(reported).map(Cloud::name), pair(reported).isPresent());
    }

    private ProtectPlanner.Plan plan(ReportedMachine reported, Optional<String> wanted, boolean isProtected) {
        Agent host = agents.get(reported.host());
        ProtectPlanner.Plan plan = ProtectPlanner.plan(new ProtectPlanner.Facts(
                reported.machine(), host.name(), host.connected(), isProtected,
                cloud(reported).map(Cloud::name), cloud(reported).flatMap(cloud -> pairs.of(cloud.id()).map(
                        pair -> candidates.of(clouds.get(pair.other(cloud.id())), reported.host(), wanted)))));
        plan.checks().add("Its host has what replication needs", wanting(host));
        plan.target().ifPresent(target -> plan.checks().add(
                "The target host has what replication needs", wanting(agents.get(target.host()))));
        return plan;
    }

    /** The first of what an agent misses at its host; the rest stands where the hosts are shown. */
    private Optional<ReadinessError> wanting(Agent agent) {
        return agents.facts(agent.id()).stream().filter(HostFact::hinders).findFirst().map(fact ->
                new ReadinessError(FailureCode.NO_SUITABLE_HOST, "host " + agent.name()
                        + " lacks what replication needs: " + fact.fact(), fact.whatToDo() + " Then ask again in a "
                        + "minute; \"understudy host show " + agent.name() + "\" shows what else was found."));
    }
}
