package org.understudy.vault.protection;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.understudy.api.DryRunView;
import org.understudy.api.HoldingView;
import org.understudy.command.CommandOutcome;
import org.understudy.command.HeldFolder;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.vault.fleet.Agent;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.Prerequisites;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.workflow.Job;
import org.understudy.workflow.JobTarget;
import org.understudy.workflow.JobType;
import org.understudy.workflow.Jobs;

/**
 * What hosts keep of replicas, beside what the vault knows of their items; and the removal of what no item needs. The
 * replica of an item that the vault has is never removed here, nor what a VM may run from or a source feeds.
 */
public final class Holdings {
    /** The kind of the object that a job of removal is about. */
    static final String REPLICA = "replica";

    private final ItemSteps steps;
    private final Jobs jobs;
    private final JobType remove;

    public Holdings(ItemSteps steps, Jobs jobs, JobType remove) {
        this.steps = steps;
        this.jobs = jobs;
        this.remove = remove;
    }

    /** As the host's agent has them; asks it. */
    public List<HoldingView> on(Agent host) {
        CommandOutcome.Holdings found = steps.agents().holdings(host);
        return found.folders().stream().map(folder -> view(folder, found.at())).toList();
    }

    private HoldingView view(HeldFolder folder, Instant at) {
        List<String> problems = new ArrayList<>(folder.problem().stream().toList());
        folder.branches().forEach(branch -> problems.add("a VM may run from " + branch));
        boolean known = folder.item().flatMap(steps.items()::find).isPresent();
        return new HoldingView(folder.path(), folder.item(), folder.vmName(),
                folder.source().map(host -> name(steps, host)), folder.bytes(),
                folder.item().isEmpty() ? HoldingView.Standing.UNKNOWN
                        : known ? HoldingView.Standing.PROTECTED : HoldingView.Standing.ENDED,
                kept(steps, folder, Optional.empty(), at), problems, at);
    }

    private static String name(ItemSteps steps, HostId host) {
        return steps.agents().all().stream().filter(agent -> agent.id().equals(host)).map(Agent::name).findFirst()
                .orElse(host.toString());
    }

    /** Why a folder stays; empty when it may be removed. */
    static Optional<String> kept(
            ItemSteps steps, HeldFolder folder, Optional<LogPosition> letGo, Instant at) {
        Optional<ProtectedItem> item = folder.item().flatMap(steps.items()::find);
        if (item.isPresent()) {
            return Optional.of("it is the replica of protected item " + item.get().name()
                    + "; understudy disable " + item.get().name() + " --delete-replica ends both");
        }
        if (!folder.branches().isEmpty()) {
            return Optional.of("a VM may run from its disks (" + String.join(", ", folder.branches()) + ")");
        }
        if (folder.isFed(at)) {
            // A vault that was restored from a backup may not know the item.
            return Optional.of("its source"
                    + folder.source().map(host -> ", host " + name(steps, host) + ",").orElse("")
                    + " feeds it, or did so within the last " + HeldFolder.FED_LATELY.toMinutes()
                    + " min, and nobody has told that to stop");
        }
        Optional<LogPosition> point = folder.kept().stream().filter(it -> !letGo.equals(Optional.of(it))).findFirst();
        if (point.isPresent()) {
            return Optional.of("it keeps point " + point.get() + ", what virtual machine "
                    + folder.vmName().orElse("?") + " had written there when it ran elsewhere already and is nowhere"
                    + " else; --let-go " + point.get() + " removes it with the rest");
        }
        return folder.removable() && folder.item().isPresent() ? Optional.empty() : Optional.of(
                "it does not lie under the name of its item, so a person put it there; remove it by hand");
    }

    /** The folder of an item among those of a host, which may be removed; a refusal otherwise. */
    static HeldFolder removable(ItemSteps steps, String host, ItemId item, Optional<LogPosition> letGo,
            CommandOutcome.Holdings found) {
        HeldFolder folder = found.folders().stream().filter(HeldFolder::removable)
                .filter(it -> it.item().equals(Optional.of(item))).findFirst()
                .orElseThrow(() -> FailureException.of(FailureCode.NOT_FOUND, "Host " + host
                        + " keeps no replica of an item " + item + ".",
                        "See understudy host holdings " + host + "."));
        kept(steps, folder, letGo, found.at()).ifPresent(why -> {
            throw FailureException.of(FailureCode.IN_USE,
                    "The folder " + folder.path() + " on host " + host + " stays: " + why + ".");
        });
        return folder;
    }

    /** What a removal would do; asks the host. */
    DryRunView removeDryRun(Agent host, ItemId item, Optional<LogPosition> letGo) {
        Prerequisites checks = new Prerequisites();
        String check = "No item and no virtual machine needs it";
        List<String> actions = new ArrayList<>();
        try {
            HeldFolder folder = removable(steps, host.name(), item, letGo, steps.agents().holdings(host));
            checks.met(check);
            letGo.filter(folder.kept()::contains).ifPresent(point -> actions.add("let point " + point
                    + " go: what virtual machine " + folder.vmName().orElse("?") + " had written there when it ran "
                    + "elsewhere already is lost"));
            actions.add("delete " + folder.path() + " on host " + host.name() + " with the replica of virtual machine "
                    + folder.vmName().orElse("?") + " and its recovery points (" + folder.bytes() + ")");
        } catch (FailureException e) {
            checks.failed(check, e.failure().code(), e.failure().message());
        }
        return checks.dryRun(RemoveHoldingJob.NAME, actions, steps.clock().instant());
    }

    /** Begins a removal; what the host has is looked at by the job. */
    Job remove(Agent host, ItemId item, Optional<LogPosition> letGo, String actor) {
        steps.items().find(item).ifPresent(found -> {
            throw FailureException.of(FailureCode.IN_USE, "The replica is that of protected item " + found.name() + ".",
                    "Disable its protection instead: understudy disable " + found.name() + " --delete-replica.");
        });
        return jobs.start(remove, new JobTarget(REPLICA, item.toString(), "replica on " + host.name()),
                new RemoveHoldingJob.Input(host.id(), letGo), actor);
    }
}
