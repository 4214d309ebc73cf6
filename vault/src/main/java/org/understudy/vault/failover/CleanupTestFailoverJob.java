package org.understudy.vault.failover;

import java.util.List;
import java.util.Optional;
import org.understudy.api.CleanupRequest;
import org.understudy.api.Operation;
import org.understudy.command.AgentCommand;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.vault.fleet.Agent;
import org.understudy.vault.fleet.Agents;
import org.understudy.vault.http.Role;
import org.understudy.vault.item.Asked;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.vault.item.TestFailover;
import org.understudy.vault.item.TestFailoverStore;
import org.understudy.vault.operation.ItemOperation;
import org.understudy.vault.operation.Offer;
import org.understudy.workflow.JobState;
import org.understudy.workflow.JobTarget;
import org.understudy.workflow.JobType;
import org.understudy.workflow.Jobs;
import org.understudy.workflow.StepContext;
import org.understudy.workflow.StepOutcome;
import org.understudy.workflow.StepType;

/** The job "Cleanup test failover": removes the test VM and lets the job of the test end (TF-13). May be repeated. */
public final class CleanupTestFailoverJob
        implements ItemOperation<CleanupRequest, CleanupTestFailoverJob.Input> {
    public static final String NAME = "Cleanup test failover";

    private static final StepOutcome DONE = new StepOutcome.Done();

    private final ItemSteps steps;
    private final TestFailoverStore tests;
    private final Jobs jobs;

    public CleanupTestFailoverJob(ItemSteps steps, TestFailoverStore tests, Jobs jobs) {
        this.steps = steps;
        this.tests = tests;
        this.jobs = jobs;
    }

    /** What was asked. */
    public record Input(Optional<String> notes, boolean forget) {}

    @Override
    public Offer<CleanupRequest> offer() {
        return new Offer<>(Operation.TEST_FAILOVER_CLEANUP, Role.OPERATOR, CleanupRequest.class);
    }

    @Override
    public Input input(ProtectedItem item, Asked<CleanupRequest> asked) {
        return new Input(asked.request().notes(), asked.request().forget().orElse(false));
    }

    @Override
    public List<String> actions(ProtectedItem item, Input input) {
        String host = steps.targetAgent(item).name();
        String vm = tests.of(item.id()).map(TestFailover::vmName).orElse(TestFailoverJob.testName(item));
        return List.of("stop virtual machine \"" + vm + "\" on host " + host + " and remove it, with all it wrote",
                "remove the network that was made for the test, if one was");
    }

    @Override
    public Optional<String> audited(CleanupRequest request) {
        return request.notes().map(notes -> "notes: " + notes);
    }

    @Override
    public JobTarget target(ProtectedItem item) {
        return ItemSteps.testTarget(item);
    }

    /** The job of the test waits for this one; while it starts its VM still, it ends. */
    @Override
    public void makeWay(ProtectedItem item, Jobs all) {
        all.giveWay(ItemSteps.target(item), job -> job.type().equals(TestFailoverJob.NAME));
        all.activeOn(ItemSteps.target(item)).filter(job -> job.state() != JobState.SUSPENDED).ifPresent(job -> {
            throw FailureException.of(FailureCode.OPERATION_IN_PROGRESS,
                    "An operation is in progress: %s (job %s) on %s".formatted(job.type(), job.id(), item.name()));
        });
    }

    @Override
    public JobType job() {
        return new JobType(NAME, List.of(
                StepType.of("prerequisites", "Prerequisites check for cleanup", this::prerequisites),
                StepType.of("clean-up", "Cleaning up test environment", this::cleanUp),
                StepType.of("complete", "Complete testing", this::complete)));
    }

    private StepOutcome prerequisites(StepContext step) {
        tests.cleaningUp(steps.item(step).id());
        return DONE;
    }

    private StepOutcome cleanUp(StepContext step) {
        ProtectedItem item = steps.item(step);
        Agent target = steps.targetAgent(item);
        Optional<StepOutcome> without =
                step.input(Input.class).forget() ? steps.without(step, target) : Optional.empty();
        if (without.isPresent()) {
            return without.get();
        }
        try {
            return steps.agents().ask(step, new Agents.Call(step.command(), target,
                    new AgentCommand.CleanUpTestFailover(item.relationship())), done -> DONE);
        } catch (FailureException e) {
            if (e.failure().code() == FailureCode.NOT_FOUND) {
                return new StepOutcome.Skipped("host " + target.name() + " has no replica of it any more");
            }
            throw e;
        }
    }

    /** The test ends and its job goes on, in one transaction; a test counts when its VM had run (HL-10). */
    private StepOutcome complete(StepContext step) {
        ProtectedItem item = steps.item(step);
        String notes = step.input(Input.class).notes().orElse("");
        steps.database().transact(() -> tests.of(item.id()).ifPresent(test -> {
            tests.end(test, steps.clock().instant(), step.startedBy(), notes);
            if (test.startedAt().isPresent()) {
                steps.items().tested(item.id(), steps.clock().instant());
            }
            // The job of a test that is older than the records of jobs are kept is forgotten.
            if (jobs.find(test.job()).filter(job -> job.state() == JobState.SUSPENDED).isPresent()) {
                jobs.resume(test.job(), notes);
            }
        }));
        return DONE;
    }
}
