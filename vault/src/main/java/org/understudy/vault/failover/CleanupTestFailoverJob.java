package org.understudy.vault.failover;

import java.util.List;
import java.util.Optional;
import org.understudy.command.AgentCommand;
import org.understudy.vault.job.Agent;
import org.understudy.vault.job.Agents;
import org.understudy.vault.job.ItemSteps;
import org.understudy.vault.protection.ProtectedItem;
import org.understudy.workflow.JobState;
import org.understudy.workflow.JobType;
import org.understudy.workflow.Jobs;
import org.understudy.workflow.StepContext;
import org.understudy.workflow.StepOutcome;
import org.understudy.workflow.StepType;

/** The job "Cleanup test failover": removes the test VM and lets the job of the test end (TF-13). May be repeated. */
public final class CleanupTestFailoverJob {
    public static final String NAME = "Cleanup test failover";

    private static final StepOutcome DONE = new StepOutcome.Done();

    private final ItemSteps steps;
    private final Jobs jobs;

    public CleanupTestFailoverJob(ItemSteps steps, Jobs jobs) {
        this.steps = steps;
        this.jobs = jobs;
    }

    /** What was asked. */
    public record Input(Optional<String> notes) {}

    public JobType type() {
        return new JobType(NAME, List.of(
                StepType.of("prerequisites", "Prerequisites check for cleanup", this::prerequisites),
                StepType.of("clean-up", "Cleaning up test environment", this::cleanUp),
                StepType.of("complete", "Complete testing", this::complete)));
    }

    private StepOutcome prerequisites(StepContext step) {
        steps.stores().tests().cleaningUp(steps.item(step).id());
        return DONE;
    }

    private StepOutcome cleanUp(StepContext step) {
        ProtectedItem item = steps.item(step);
        Agent target = steps.agents().get(item.route().target());
        return steps.agents().ask(step, new Agents.Call(step.command(), target,
                new AgentCommand.CleanUpTestFailover(item.id())), done -> DONE);
    }

    /** The test ends and its job goes on, in one transaction; a test counts when its VM had run (HL-10). */
    private StepOutcome complete(StepContext step) {
        ProtectedItem item = steps.item(step);
        String notes = step.input(Input.class).notes().orElse("");
        steps.stores().database().transact(() -> steps.stores().tests().of(item.id()).ifPresent(test -> {
            steps.stores().tests().end(item.id());
            if (test.startedAt().isPresent()) {
                steps.stores().items().tested(item.id(), steps.clock().instant());
            }
            if (jobs.get(test.job()).state() == JobState.SUSPENDED) {
                jobs.resume(test.job(), notes);
            }
        }));
        return DONE;
    }
}
