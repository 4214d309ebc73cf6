package org.understudy.vault.failover;

import java.time.Instant;
import java.util.Optional;
import org.understudy.api.ReadinessError;
import org.understudy.command.AgentCommand;
import org.understudy.command.AgentReport.SourceProgress;
import org.understudy.command.AgentReport.TargetProgress;
import org.understudy.command.PointChoice;
import org.understudy.command.PointsHeld;
import org.understudy.command.TestNetwork;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VirtualNetwork;
import org.understudy.model.VmId;
import org.understudy.vault.fleet.Agent;
import org.understudy.vault.fleet.Presence;
import org.understudy.vault.inventory.InventoryStore;
import org.understudy.vault.item.Attachments;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.KeptPoints;
import org.understudy.vault.item.Outlook;
import org.understudy.vault.item.Outlooks;
import org.understudy.vault.item.Prerequisites;
import org.understudy.vault.item.ProgressStore;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.vault.item.ProtectionState;

/** The checks before a failover or a test of it: gathers the facts of an item and lets the planner judge them. */
public final class FailoverChecks {
    private final ItemSteps steps;
    private final InventoryStore inventory;
    private final ProgressStore progress;
    private final Attachments attachments;
    private final Outlooks outlooks;

    public FailoverChecks(
            ItemSteps steps, InventoryStore inventory, ProgressStore progress, Attachments attachments) {
        this.steps = steps;
        this.inventory = inventory;
        this.progress = progress;
        this.attachments = attachments;
        this.outlooks = new Outlooks(inventory, progress, attachments);
    }

    KeptPoints kept() {
        return new KeptPoints(steps, progress);
    }

    /** That a commit deletes no point that is kept. */
    Prerequisites commit(ProtectedItem item) {
        return item.state() instanceof ProtectionState.RunsAtTarget ? kept().nothingIsLost(item, "a commit")
                : kept().nothingIsLostOfTheDirectionBefore(item, "a commit");
    }

    Prerequisites test(ProtectedItem item, TestFailoverJob.Input input) {
        Optional<String> missing = input.network() instanceof TestNetwork.Existing(String network)
                && inventory.networks(item.route().target()).stream()
                        .map(VirtualNetwork::name).noneMatch(network::equals)
                ? Optional.of(network) : Optional.empty();
        Optional<String> ofProduction = input.network() instanceof TestNetwork.Existing(String network)
                && !input.forced() && attachments.isMappedTo(item, network) ? Optional.of(network) : Optional.empty();
        Outlook outlook = outlooks.of(item);
        return FailoverPlanner.test(facts(item, input.point()), input.point(), missing, ofProduction)
                .warn(outlook.unprotected()).warn(outlook.differences());
    }

    Prerequisites failover(ProtectedItem item, FailoverJob.Input input) {
        Agent source = steps.sourceAgent(item);
        return FailoverPlanner.failover(facts(item, input.point()), input.point(), new FailoverPlanner.Source(
                item.name(), source.name(), !(source.presence() instanceof Presence.Silent),
                powerSoon(item, source),
                input.shutDownSource(), input.forced()), outlooks.of(item));
    }

    /**
     * One that is being started runs in a moment, whatever was told of it last: the order to start it may be of a job
     * whose place this failover takes, and its agent has it.
     */
    private Optional<PowerState> powerSoon(ProtectedItem item, Agent source) {
        VmId vm = item.machine().vm();
        Instant told = inventory.machine(source.id(), vm).map(found -> found.reportedAt()).orElse(Instant.EPOCH);
        return steps.agents().mayBeStarting(source, vm, told) ? Optional.of(PowerState.RUNNING) : power(item, source);
    }

    Prerequisites changePoint(ProtectedItem item, PointChoice point) {
        return FailoverPlanner.changePoint(facts(item, point), point);
    }

    /** After a failover: whether the VM runs at the target alone. */
    Prerequisites oneCopy(ProtectedItem item) {
        Agent source = steps.sourceAgent(item);
        return FailoverPlanner.oneCopy(new FailoverPlanner.Source(item.name(), source.name(), source.connected(),
                power(item, source), false, false));
    }

    /** What must hold before anything of a planned failover is begun (PF-02, PF-04). */
    Prerequisites planned(ProtectedItem item) {
        Agent source = steps.sourceAgent(item);
        Agent target = steps.targetAgent(item);
        PointChoice latest = new PointChoice.Latest();
        boolean mayBeTakenBack =
                steps.agents().understands(target, new AgentCommand.ReleaseReplica(item.relationship()));
        return FailoverPlanner.planned(facts(item, latest), new FailoverPlanner.PlannedSource(
                item.name(), source.name(), source.connected(),
                steps.agents().understands(source, new AgentCommand.FinishReplication(item.relationship())),
                power(item, source),
                progress.of(item.id()).source().flatMap(SourceProgress::trouble)), outlooks.of(item))
                .add("The agent on the target host can take a failover back", mayBeTakenBack ? Optional.empty()
                        : Optional.of(ReadinessError.of(FailureCode.PROTOCOL_VIOLATED, "the agent on host "
                                + target.name() + " is of a release that cannot; update it")));
    }

    /** A VM that its host could not read is not in the host's inventory, and may run all the same. */
    Optional<PowerState> power(ProtectedItem item, Agent source) {
        boolean mayHide = steps.agents().troubles(source).stream().map(Failure::code)
                .anyMatch(code -> code == FailureCode.HYPERVISOR_BUSY || code == FailureCode.HYPERVISOR_UNREACHABLE);
        return inventory.machine(source.id(), item.machine().vm()).map(found -> found.machine().power())
                .or(() -> mayHide ? Optional.of(PowerState.RUNNING) : Optional.empty());
    }

    private FailoverPlanner.Facts facts(ProtectedItem item, PointChoice choice) {
        Agent target = steps.targetAgent(item);
        PointsHeld held = progress.of(item.id()).target().map(TargetProgress::held).orElse(PointsHeld.NONE);
        return new FailoverPlanner.Facts(item.name(), target.name(), target.connected(), held,
                held.count() > 0 && isThere(item, target, choice), attachments.missing(item));
    }

    /** A point of the list is only at the target; its agent is asked, before anything is stopped. */
    private boolean isThere(ProtectedItem item, Agent target, PointChoice choice) {
        if (!(choice instanceof PointChoice.Custom(LogPosition position)) || !target.connected()) {
            return true;
        }
        try {
            return steps.agents().points(target, item.relationship(), Optional.of(position), 1).stream()
                    .anyMatch(point -> point.position().equals(position));
        } catch (FailureException e) {
            if (e.failure().code() == FailureCode.PROTOCOL_VIOLATED) {
                // An agent of the first release cannot be asked; it says so when it is told to start there.
                return true;
            }
            throw e;
        }
    }
}
