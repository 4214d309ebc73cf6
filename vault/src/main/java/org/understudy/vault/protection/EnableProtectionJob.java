package org.understudy.vault.protection;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.understudy.command.AgentCommand.ReplicaDisk;
import org.understudy.vault.fleet.Agent;
import org.understudy.vault.fleet.Agents;
import org.understudy.vault.inventory.ReportedMachine;
import org.understudy.vault.item.Attachments;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.ProgressStore;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.vault.item.ProtectionState;
import org.understudy.vault.item.RelationshipWords;
import org.understudy.vault.item.Relationships;
import org.understudy.vault.item.TargetLook;
import org.understudy.workflow.JobType;
import org.understudy.workflow.StepContext;
import org.understudy.workflow.StepOutcome;
import org.understudy.workflow.StepType;

/** The job "Enable protection": from a VM that may be protected to initial replication under way (E-02, E-03). */
public final class EnableProtectionJob {
    public static final String NAME = "Enable protection";

    private static final Duration FIRST_REPORT = Duration.ofSeconds(2);
    private static final StepOutcome DONE = new StepOutcome.Done();

    private final ItemSteps steps;
    private final ProtectionPlanning planning;
    private final Relationships relationships;
    private final ProgressStore progress;
    private final Attachments attachments;
    private final TargetLook look;

    public EnableProtectionJob(ItemSteps steps, ProtectionPlanning planning, Relationships relationships,
            ProgressStore progress, Attachments attachments) {
        this.steps = steps;
        this.attachments = attachments;
        this.look = new TargetLook(steps);
        this.planning = planning;
        this.relationships = relationships;
        this.progress = progress;
    }

    /**
     * What was asked.
     *
     * @param targetHost the host that was asked for by name, if one was
     */
    public record Input(Optional<String> targetHost) {}

    public static List<String> stepNames() {
        return List.of("Prerequisites check for enabling protection", "Identifying replication target",
                "Enable replication", "Starting initial replication", "Updating the provider states");
    }

    public JobType type() {
        List<String> names = stepNames();
        return new JobType(NAME, List.of(
                StepType.cancellable("prerequisites", names.get(0), this::prerequisites),
                StepType.cancellable("target", names.get(1), this::identifyTarget),
                StepType.cancellable("enable", names.get(2), this::enable),
                StepType.cancellable("initial-replication", names.get(3), this::startInitialReplication),
                StepType.of("states", names.get(4), this::updateStates)));
    }

    private StepOutcome prerequisites(StepContext step) {
        planning.plan(steps.item(step), step.input(Input.class).targetHost()).checks().require(steps.clock().instant());
        return DONE;
    }

    /** The host was chosen with the request; another is chosen if it cannot take the replica any more. */
    private StepOutcome identifyTarget(StepContext step) {
        ProtectedItem item = steps.item(step);
        String chosen = steps.targetAgent(item).name();
        if (planning.plan(item, Optional.of(chosen)).target().isPresent()) {
            // Nothing that forbids the VM there may be found out only when it is needed.
            return look.atSource(step, item, attachments.of(item));
        }
        ProtectPlanner.Plan plan = planning.plan(item, step.input(Input.class).targetHost());
        plan.checks().require(steps.clock().instant());
        steps.database().transact(() -> {
            ProtectedItem locked = steps.items().lock(item.id());
            planning.requirePlaced(steps.items().replace(
                    locked.withTarget(plan.target().orElseThrow().host()), locked.version(),
                    "job=" + step.jobId() + " chose another target", steps.clock().instant()));
        });
        return look.atSource(step, steps.item(step), attachments.of(steps.item(step)));
    }

    /** The target accepts the item's segments before the source sends the first. */
    private StepOutcome enable(StepContext step) {
        ProtectedItem item = steps.item(step);
        RelationshipWords words = relationships.words(item);
        Agents.Call prepare = new Agents.Call(step.command("prepare"), words.target(), words.prepare());
        Agents.Call start = new Agents.Call(step.command("start"), words.source(), words.start());
        return steps.agents().ask(step, prepare, prepared -> steps.agents().ask(step, start, started -> {
            steps.items().told(item.relationship(), words.changeable());
            return DONE;
        }));
    }

    /** Done when the source has told how the item stands; says what it waits for, and can be cancelled. */
    private StepOutcome startInitialReplication(StepContext step) {
        ProtectedItem item = steps.item(step);
        if (progress.of(item.id()).source().isPresent()) {
            return DONE;
        }
        Agent source = steps.sourceAgent(item);
        step.says(source.connected() ? "waiting for the first report of host " + source.name() + " on the item"
                : "waiting for host " + source.name() + ", whose agent is silent; cancel the job if it stays so");
        Instant again = steps.clock().instant().plus(FIRST_REPORT);
        return new StepOutcome.AwaitSignal(again);
    }

    private StepOutcome updateStates(StepContext step) {
        return steps.move(step, ProtectionState.Enabling.class, ProtectionState.InitialReplication.class,
                ProtectionState.Enabling::replicationStarted);
    }

    /** The disks of a VM that a replica has. */
    static List<ReplicaDisk> disks(ReportedMachine reported) {
        return reported.machine().disks().stream().map(disk -> new ReplicaDisk(disk.name(), disk.size())).toList();
    }
}
