package org.understudy.vault.failover;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.understudy.api.CleanupRequest;
import org.understudy.api.DryRunView;
import org.understudy.api.FailoverRequest;
import org.understudy.api.Operation;
import org.understudy.api.TestFailoverRequest;
import org.understudy.command.TestNetwork;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.vault.fleet.Agent;
import org.understudy.vault.fleet.Presence;
import org.understudy.vault.item.Asked;
import org.understudy.vault.item.AutomaticJobs;
import org.understudy.vault.item.ItemActivity;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.Prerequisites;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.workflow.Job;
import org.understudy.workflow.JobState;
import org.understudy.workflow.Jobs;

/** What people ask of an item's replica: a test failover and its clean-up, a failover and its commit. */
public final class FailoverRequests {
    private final ItemSteps steps;
    private final FailoverChecks checks;
    private final ItemActivity activity;
    private final Jobs jobs;
    private final FailoverJobs types;

    public FailoverRequests(
            ItemSteps steps, FailoverChecks checks, ItemActivity activity, Jobs jobs, FailoverJobs types) {
        this.steps = steps;
        this.checks = checks;
        this.activity = activity;
        this.jobs = jobs;
        this.types = types;
    }

    public Job test(ProtectedItem item, Asked<TestFailoverRequest> asked) {
        activity.requireAllowed(item, Operation.TEST_FAILOVER);
        TestFailoverJob.Input input = input(asked.request());
        checks.test(item, input).require(steps.clock().instant());
        return begin(item, Operation.TEST_FAILOVER, AutomaticJobs::contain,
                () -> jobs.start(types.test(), ItemSteps.target(item), input, asked.actor()));
    }

    public DryRunView testDryRun(ProtectedItem item, TestFailoverRequest request) {
        TestFailoverJob.Input input = input(request);
        String target = steps.targetAgent(item).name();
        Prerequisites found = activity.check(item, Operation.TEST_FAILOVER).and(checks.test(item, input));
        return found.dryRun(TestFailoverJob.NAME, List.of(
                "start virtual machine \"" + TestFailoverJob.testName(item) + "\" on host " + target
                        + " from recovery point " + PointWords.of(input.point()),
                switch (input.network()) {
                    case TestNetwork.None _ -> "connect it to nothing";
                    case TestNetwork.CreateIsolated _ -> "connect it to an isolated network made for the test";
                    case TestNetwork.Existing(String network) -> "connect it to network " + network;
                }), steps.clock().instant());
    }

    public Job cleanUp(ProtectedItem item, Asked<CleanupRequest> asked) {
        activity.requireAllowed(item, Operation.TEST_FAILOVER_CLEANUP);
        CleanupTestFailoverJob.Input input = new CleanupTestFailoverJob.Input(
                asked.request().notes(), asked.request().forget().orElse(false));
        return steps.database().transact(() -> {
            jobs.giveWay(ItemSteps.target(item), job -> job.type().equals(TestFailoverJob.NAME));
            jobs.activeOn(ItemSteps.target(item)).filter(job -> job.state() != JobState.SUSPENDED).ifPresent(job -> {
                throw FailureException.of(FailureCode.OPERATION_IN_PROGRESS,
                        "An operation is in progress: %s (job %s) on %s".formatted(job.type(), job.id(), item.name()));
            });
            return jobs.start(types.cleanUp(), ItemSteps.testTarget(item), input, asked.actor());
        });
    }

    public Job failOver(ProtectedItem item, Asked<FailoverRequest> asked) {
        activity.requireAllowed(item, Operation.UNPLANNED_FAILOVER);
        FailoverJob.Input input = input(asked.request());
        checks.failover(item, input).require(steps.clock().instant());
        return begin(item, Operation.UNPLANNED_FAILOVER, job -> !job.type().equals(FailoverJob.NAME),
                () -> jobs.start(types.failover(), ItemSteps.target(item), input, asked.actor()));
    }

    /**
     * Begins a job in place of one that gives way, if the item still allows it: the checks took time, in which a test
     * may have come as far as making its VM, and a failover that meets that fails behind its fence.
     */
    private Job begin(ProtectedItem item, Operation operation, Predicate<Job> givesWay, Supplier<Job> start) {
        return steps.database().transact(() -> {
            jobs.giveWay(ItemSteps.target(item), givesWay);
            activity.requireAllowed(steps.items().get(item.id()), operation);
            return start.get();
        });
    }

    public DryRunView failOverDryRun(ProtectedItem item, FailoverRequest request) {
        FailoverJob.Input input = input(request);
        Agent source = steps.sourceAgent(item);
        String target = steps.targetAgent(item).name();
        boolean gone = source.presence() instanceof Presence.Silent;
        Prerequisites found =
                activity.check(item, Operation.UNPLANNED_FAILOVER).and(checks.failover(item, input));
        return found.dryRun(FailoverJob.NAME, List.of(
                !input.shutDownSource() ? "leave the source virtual machine as it is"
                        : gone ? "not shut the source down: host " + source.name() + " cannot be reached"
                                : "try to shut virtual machine " + item.name() + " down on host " + source.name(),
                "stop the replication of item " + item.name() + " for good",
                "start virtual machine " + item.name() + " on host " + target + " from recovery point "
                        + PointWords.of(input.point())), steps.clock().instant());
    }

    /** Takes a failover back that stopped before its VM was defined at the target. */
    public Job abandon(ProtectedItem item, String actor) {
        activity.requireAllowed(item, Operation.ABANDON_FAILOVER);
        return jobs.start(types.abandon(), ItemSteps.target(item), new AbandonFailoverJob.Input(), actor);
    }

    public Job commit(ProtectedItem item, String actor) {
        activity.requireAllowed(item, Operation.COMMIT);
        return jobs.start(types.commit(), ItemSteps.target(item), new CommitJob.Input(), actor);
    }

    private static TestFailoverJob.Input input(TestFailoverRequest request) {
        boolean forced = request.force().orElse(false);
        if (forced && request.reason().filter(text -> !text.isBlank()).isEmpty()) {
            throw FailureException.of(FailureCode.REQUEST_INVALID,
                    "To force a test failover into a network of production takes a reason.");
        }
        return new TestFailoverJob.Input(
                PointWords.point(request.point()), PointWords.network(request.network()), forced);
    }

    private static FailoverJob.Input input(FailoverRequest request) {
        boolean forced = request.force().orElse(false);
        Optional<String> reason = request.reason().filter(text -> !text.isBlank());
        if (forced && reason.isEmpty()) {
            throw FailureException.of(FailureCode.REQUEST_INVALID, "a forced failover needs a reason",
                    "Say why the source virtual machine is known not to run; it is kept in the audit records.");
        }
        return new FailoverJob.Input(
                PointWords.point(request.point()), request.shutDownSource().orElse(true), forced, reason);
    }
}
