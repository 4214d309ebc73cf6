package org.understudy.vault.protection;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.understudy.api.DryRunView;
import org.understudy.api.ProtectRequest;
import org.understudy.command.AgentCommand.CheckMachine;
import org.understudy.command.PointChoice;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.ItemId;
import org.understudy.model.Portability;
import org.understudy.model.RelationshipId;
import org.understudy.vault.fleet.Agent;
import org.understudy.vault.inventory.ReportedMachine;
import org.understudy.vault.item.Asked;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.Prerequisites;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.vault.item.ProtectionState;
import org.understudy.vault.network.PlacementPlanner.Placed;
import org.understudy.workflow.Job;
import org.understudy.workflow.Jobs;

/**
 * What people ask for a VM that is not protected yet. Lets the planner decide, and writes the item and its job in one
 * transaction; what is refused has changed nothing.
 */
public final class ProtectionRequests {
    private final ItemSteps steps;
    private final ProtectionPlanning planning;
    private final Jobs jobs;
    private final ProtectionJobs types;

    public ProtectionRequests(ItemSteps steps, ProtectionPlanning planning, Jobs jobs, ProtectionJobs types) {
        this.steps = steps;
        this.planning = planning;
        this.jobs = jobs;
        this.types = types;
    }

    /** Begins to protect a VM. */
    public Job protect(Asked<ProtectRequest> asked) {
        ReportedMachine reported = planning.find(asked.request());
        Optional<String> wanted = wantedTarget(asked.request());
        ProtectPlanner.Plan plan = planning.plan(reported, wanted);
        Instant now = steps.clock().instant();
        plan.checks().require(now);
        Placed target = plan.target().orElseThrow();
        ProtectedItem item = new ProtectedItem(ItemId.random(),
                new ProtectedItem.Machine(reported.machine().id(), reported.machine().name(),
                        EnableProtectionJob.disks(reported), reported.machine().adapters()),
                new ProtectedItem.Route(planning.pair(reported).orElseThrow().id(), reported.host(), target.host()),
                1, new ProtectionState.Enabling(), 1);
        return steps.database().transact(() -> {
            steps.items().insert(item, now);
            planning.requirePlaced(item);
            return jobs.start(
                    types.enable(), ItemSteps.target(item), new EnableProtectionJob.Input(wanted), asked.actor());
        });
    }

    /** What protecting it would do. */
    public DryRunView protectDryRun(ProtectRequest request) {
        ReportedMachine reported = planning.find(request);
        ProtectPlanner.Plan plan = planning.plan(reported, wantedTarget(request));
        List<String> actions = plan.target().map(target -> List.of(
                "make an empty replica of " + reported.machine().disks().size() + " disks on host " + target.name(),
                "replicate virtual machine " + reported.machine().name() + " from host "
                        + steps.agents().get(reported.host()).name() + " to it")).orElse(List.of());
        plan.target().ifPresent(target -> look(plan.checks(), reported, steps.agents().get(target.host())));
        return plan.checks().dryRun(EnableProtectionJob.NAME, actions, steps.clock().instant());
    }

    /** What the target says, as the job asks it before a replica is made; one that says nothing is a warning. */
    private void look(Prerequisites checks, ReportedMachine reported, Agent target) {
        String check = "The target host can keep and start the virtual machine";
        try {
            Portability found = steps.agents().look(target, new CheckMachine(
                    RelationshipId.first(ItemId.random()), reported.machine().id(),
                    reported.machine().name(), new PointChoice.Latest(), List.of(), Optional.of(steps.agents()
                            .definition(steps.agents().get(reported.host()), reported.machine().id())),
                    EnableProtectionJob.disks(reported)));
            checks.warn(found.warnings().stream().filter(it -> !it.endsWith("is connected to nothing.")).toList());
            if (found.obstacles().isEmpty()) {
                checks.met(check);
            } else {
                checks.failed(check, FailureCode.TARGET_CANNOT_RUN_VM, "VM " + reported.machine().name()
                        + " cannot be replicated and started on host " + target.name() + ": "
                        + String.join(" ", found.obstacles()));
            }
        } catch (FailureException e) {
            checks.warn(List.of("Whether host " + target.name() + " can keep and start it is not known: "
                    + e.failure().message()));
        }
    }

    private Optional<String> wantedTarget(ProtectRequest request) {
        return request.targetHost().map(steps.agents()::named).map(Agent::name);
    }
}
