package org.understudy.vault.protection;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.understudy.api.DisableRequest;
import org.understudy.api.DryRunView;
import org.understudy.api.Operation;
import org.understudy.api.ProtectRequest;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.ItemId;
import org.understudy.model.VirtualNetwork;
import org.understudy.vault.inventory.Cloud;
import org.understudy.vault.inventory.Missing;
import org.understudy.vault.inventory.ReportedMachine;
import org.understudy.vault.job.Agent;
import org.understudy.vault.job.Agents;
import org.understudy.vault.job.ItemSteps;
import org.understudy.vault.job.Stores;
import org.understudy.vault.network.PlacementPlanner.Candidate;
import org.understudy.vault.network.PlacementPlanner.Placed;
import org.understudy.vault.policy.CloudPair;
import org.understudy.workflow.Job;
import org.understudy.workflow.JobType;
import org.understudy.workflow.Jobs;

/**
 * What people ask of protection itself: to begin and to end it. Gathers the facts, lets a planner decide, and writes
 * the item and its job in one transaction; what is refused has changed nothing.
 */
public final class ProtectionRequests {
    private final ItemSteps steps;
    private final Stores stores;
    private final Agents agents;
    private final Jobs jobs;

    public ProtectionRequests(ItemSteps steps, Jobs jobs) {
        this.steps = steps;
        this.stores = steps.stores();
        this.agents = steps.agents();
        this.jobs = jobs;
    }

    /** A request that passed its checks, and by whom it was made. */
    public record Asked<T>(T request, String actor) {}

    /** Begins to protect a VM. */
    public Job protect(Asked<ProtectRequest> asked, JobType type) {
        ReportedMachine reported = find(asked.request());
        Optional<String> wanted = wantedTarget(asked.request());
        ProtectPlanner.Plan plan = plan(reported, wanted, stores.items().of(reported.machine().id()).isPresent());
        Instant now = steps.clock().instant();
        plan.checks().require(now);
        Placed target = plan.target().orElseThrow();
        ProtectedItem item = new ProtectedItem(ItemId.random(),
                new ProtectedItem.Machine(reported.machine().id(), reported.machine().name(),
                        EnableProtectionJob.disks(reported), reported.machine().adapters()),
                new ProtectedItem.Route(pairOf(reported).orElseThrow().id(), reported.host(), target.host()),
                1, new ProtectionState.Enabling(), 1);
        return stores.database().transact(() -> {
            stores.items().insert(item, now);
            return jobs.start(type, ItemSteps.target(item), new EnableProtectionJob.Input(wanted), asked.actor());
        });
    }

    /** What protecting it would do. */
    public DryRunView protectDryRun(ProtectRequest request) {
        ReportedMachine reported = find(request);
        ProtectPlanner.Plan plan = plan(
                reported, wantedTarget(request), stores.items().of(reported.machine().id()).isPresent());
        List<String> actions = plan.target().map(target -> List.of(
                "make an empty replica of " + reported.machine().disks().size() + " disks on host " + target.name(),
                "replicate virtual machine " + reported.machine().name() + " from host "
                        + agents.get(reported.host()).name() + " to it")).orElse(List.of());
        return plan.checks().dryRun(EnableProtectionJob.NAME, actions, steps.clock().instant());
    }

    /** Makes replication go on that stands still; harmless when it does not. */
    public Job resume(ProtectedItem item, String actor, JobType type) {
        requireAllowed(item, Operation.RESUME_REPLICATION);
        return jobs.start(type, ItemSteps.target(item), new ResumeReplicationJob.Input(), actor);
    }

    /** Ends the protection of an item. */
    public Job disable(ProtectedItem item, Asked<DisableRequest> asked, JobType type) {
        requireAllowed(item, Operation.DISABLE_PROTECTION);
        boolean delete = asked.request().deleteReplica().orElse(steps.policy(item).settings().deleteReplica());
        DisableProtectionJob.Input input =
                new DisableProtectionJob.Input(delete, asked.request().forget().orElse(false));
        return jobs.start(type, ItemSteps.target(item), input, asked.actor());
    }

    /** What ending it would do. */
    public DryRunView disableDryRun(ProtectedItem item, DisableRequest request) {
        Prerequisites checks = allowed(item, Operation.DISABLE_PROTECTION);
        boolean delete = request.deleteReplica().orElse(steps.policy(item).settings().deleteReplica());
        boolean failedOver = DisableProtectionJob.isFailedOver(item.state());
        String target = agents.get(item.route().target()).name();
        return checks.dryRun(DisableProtectionJob.NAME, List.of(
                "stop replication on host " + steps.source(item).name() + " and remove what it left there",
                failedOver ? "leave virtual machine " + item.name() + " as it runs on host " + target
                        : delete ? "delete the replica and its recovery points on host " + target
                                : "keep the replica on host " + target + ", fenced",
                "remove the item from the vault"), steps.clock().instant());
    }

    /**
     * Throws unless the operation is allowed in the item's state: naming the job that works on the item if there is one
     * (P-50), for its state passes by itself; a failover during a test has words of its own (TF-15).
     */
    public void requireAllowed(ProtectedItem item, Operation operation) {
        boolean testOpen = stores.tests().of(item.id()).isPresent();
        if (AllowedOperations.in(item.state(), testOpen).contains(operation)) {
            return;
        }
        if (!testOpen || operation != Operation.UNPLANNED_FAILOVER) {
            jobs.requireNoneActive(ItemSteps.target(item));
        }
        throw AllowedOperations.refusal(item, operation, testOpen);
    }

    /** The same as a check of a dry run. */
    public Prerequisites allowed(ProtectedItem item, Operation operation) {
        Prerequisites checks = new Prerequisites();
        try {
            requireAllowed(item, operation);
            return checks.met("The state of the item allows it");
        } catch (FailureException e) {
            return checks.failed("The state of the item allows it", e.failure().code(), e.failure().message());
        }
    }

    /** The plan for an item that exists already, for the steps of its job. */
    ProtectPlanner.Plan plan(ProtectedItem item, Optional<String> wanted) {
        ReportedMachine reported = stores.inventory().machine(item.route().source(), item.machine().vm())
                .orElseThrow(() -> FailureException.of(FailureCode.VM_NOT_FOUND_AT_SOURCE, "host "
                        + agents.get(item.route().source()).name() + " has no virtual machine " + item.name()));
        return plan(reported, wanted, false);
    }

    private ProtectPlanner.Plan plan(ReportedMachine reported, Optional<String> wanted, boolean isProtected) {
        Agent host = agents.get(reported.host());
        Optional<Cloud> cloud = stores.clouds().of(reported.host());
        return ProtectPlanner.plan(new ProtectPlanner.Facts(reported.machine(), host.name(), host.connected(),
                isProtected, cloud.map(Cloud::name),
                pairOf(reported).map(pair -> target(reported, pair, wanted))));
    }

    private Optional<CloudPair> pairOf(ReportedMachine reported) {
        return stores.clouds().of(reported.host()).flatMap(cloud -> stores.pairs().from(cloud.id()));
    }

    private ProtectPlanner.Target target(ReportedMachine reported, CloudPair pair, Optional<String> wanted) {
        Cloud cloud = stores.clouds().get(pair.target().toString());
        List<Candidate> candidates = cloud.hosts().stream().map(host -> {
            Agent agent = agents.get(host);
            Set<String> networks = stores.inventory().networks(host).stream()
                    .map(VirtualNetwork::name).collect(Collectors.toCollection(HashSet::new));
            return new Candidate(host, agent.name(), agent.connected(), networks, stores.items().replicas(host));
        }).toList();
        return new ProtectPlanner.Target(cloud.name(), candidates,
                stores.mappings().between(stores.sites().of(reported.host()).orElseThrow().id(), cloud.site()), wanted);
    }

    private Optional<String> wantedTarget(ProtectRequest request) {
        return request.targetHost().map(host -> agents.get(host).name());
    }

    /** The VM that is meant; of several of one name the host must be told. */
    private ReportedMachine find(ProtectRequest request) {
        if (request.machine() == null || request.machine().isBlank()) {
            throw FailureException.of(FailureCode.REQUEST_INVALID, "the name or id of a virtual machine is missing");
        }
        Optional<Agent> host = request.host().map(agents::get);
        List<ReportedMachine> found = stores.inventory().machines(request.machine()).stream()
                .filter(machine -> host.isEmpty() || host.get().id().equals(machine.host()))
                .toList();
        if (found.size() > 1) {
            throw FailureException.of(FailureCode.REQUEST_INVALID, "several hosts have a virtual machine \""
                    + request.machine() + "\": " + found.stream()
                            .map(machine -> agents.get(machine.host()).name()).collect(Collectors.joining(", ")),
                    "Name its host as well.");
        }
        return found.stream().findFirst().orElseThrow(() -> Missing.none("virtual machine", request.machine()));
    }
}
