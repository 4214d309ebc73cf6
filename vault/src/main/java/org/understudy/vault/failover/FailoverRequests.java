package org.understudy.vault.failover;

import java.util.List;
import java.util.Optional;
import org.understudy.api.CleanupRequest;
import org.understudy.api.DryRunView;
import org.understudy.api.FailoverRequest;
import org.understudy.api.Operation;
import org.understudy.api.TestFailoverRequest;
import org.understudy.command.AgentReport.TargetProgress;
import org.understudy.command.TestNetwork;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.VirtualNetwork;
import org.understudy.vault.job.Agent;
import org.understudy.vault.job.ItemSteps;
import org.understudy.vault.job.Stores;
import org.understudy.vault.protection.Prerequisites;
import org.understudy.vault.protection.ProtectedItem;
import org.understudy.vault.protection.ProtectionRequests;
import org.understudy.vault.protection.ProtectionRequests.Asked;
import org.understudy.workflow.Job;
import org.understudy.workflow.JobState;
import org.understudy.workflow.JobType;
import org.understudy.workflow.Jobs;

/** What people ask of an item's replica: a test failover and its clean-up, a failover and its commit. */
public final class FailoverRequests {
    private final ItemSteps steps;
    private final Stores stores;
    private final ProtectionRequests protection;
    private final Jobs jobs;

    public FailoverRequests(ItemSteps steps, ProtectionRequests protection, Jobs jobs) {
        this.steps = steps;
        this.stores = steps.stores();
        this.protection = protection;
        this.jobs = jobs;
    }

    public Job test(ProtectedItem item, Asked<TestFailoverRequest> asked, JobType type) {
        protection.requireAllowed(item, Operation.TEST_FAILOVER);
        TestFailoverJob.Input input = input(asked.request());
        testChecks(item, input).require(steps.clock().instant());
        return jobs.start(type, ItemSteps.target(item), input, asked.actor());
    }

    public DryRunView testDryRun(ProtectedItem item, TestFailoverRequest request) {
        TestFailoverJob.Input input = input(request);
        String target = steps.agents().get(item.route().target()).name();
        Prerequisites checks = protection.allowed(item, Operation.TEST_FAILOVER).and(testChecks(item, input));
        return checks.dryRun(TestFailoverJob.NAME, List.of(
                "start virtual machine \"" + TestFailoverJob.testName(item) + "\" on host " + target
                        + " from recovery point " + PointWords.of(input.point()),
                switch (input.network()) {
                    case TestNetwork.None _ -> "connect it to nothing";
                    case TestNetwork.CreateIsolated _ -> "connect it to an isolated network made for the test";
                    case TestNetwork.Existing(String network) -> "connect it to network " + network;
                }), steps.clock().instant());
    }

    public Job cleanUp(ProtectedItem item, Asked<CleanupRequest> asked, JobType type) {
        protection.requireAllowed(item, Operation.TEST_FAILOVER_CLEANUP);
        jobs.activeOn(ItemSteps.target(item)).filter(job -> job.state() != JobState.SUSPENDED).ifPresent(job -> {
            throw FailureException.of(FailureCode.OPERATION_IN_PROGRESS,
                    "An operation is in progress: %s (job %s) on %s".formatted(job.type(), job.id(), item.name()));
        });
        return jobs.start(type, ItemSteps.testTarget(item),
                new CleanupTestFailoverJob.Input(asked.request().notes()), asked.actor());
    }

    public Job failOver(ProtectedItem item, Asked<FailoverRequest> asked, JobType type) {
        protection.requireAllowed(item, Operation.UNPLANNED_FAILOVER);
        FailoverJob.Input input = input(asked.request());
        failoverChecks(item, input).require(steps.clock().instant());
        return jobs.start(type, ItemSteps.target(item), input, asked.actor());
    }

    public DryRunView failOverDryRun(ProtectedItem item, FailoverRequest request) {
        FailoverJob.Input input = input(request);
        Agent source = steps.source(item);
        String target = steps.agents().get(item.route().target()).name();
        Prerequisites checks = protection.allowed(item, Operation.UNPLANNED_FAILOVER).and(failoverChecks(item, input));
        return checks.dryRun(FailoverJob.NAME, List.of(
                !input.shutDownSource() ? "leave the source virtual machine as it is"
                        : source.connected() ? "try to shut virtual machine " + item.name() + " down on host "
                                + source.name()
                                : "not shut the source down: host " + source.name() + " cannot be reached",
                "stop the replication of item " + item.name() + " for good",
                "start virtual machine " + item.name() + " on host " + target + " from recovery point "
                        + PointWords.of(input.point())), steps.clock().instant());
    }

    public Job commit(ProtectedItem item, String actor, JobType type) {
        protection.requireAllowed(item, Operation.COMMIT);
        return jobs.start(type, ItemSteps.target(item), new CommitJob.Input(), actor);
    }

    Prerequisites testChecks(ProtectedItem item, TestFailoverJob.Input input) {
        Optional<String> missing = input.network() instanceof TestNetwork.Existing(String network)
                && stores.inventory().networks(item.route().target()).stream()
                        .map(VirtualNetwork::name).noneMatch(network::equals)
                ? Optional.of(network) : Optional.empty();
        return FailoverPlanner.test(facts(item), input.point(), missing);
    }

    Prerequisites failoverChecks(ProtectedItem item, FailoverJob.Input input) {
        Agent source = steps.source(item);
        return FailoverPlanner.failover(facts(item), input.point(), new FailoverPlanner.Source(
                item.name(), source.name(), source.connected(),
                stores.inventory().machine(source.id(), item.machine().vm()).map(found -> found.machine().power()),
                input.shutDownSource(), input.forced()));
    }

    private FailoverPlanner.Facts facts(ProtectedItem item) {
        Agent target = steps.agents().get(item.route().target());
        return new FailoverPlanner.Facts(item.name(), target.name(), target.connected(),
                stores.progress().of(item.id()).target().map(TargetProgress::points).orElse(List.of()),
                steps.attachments().missing(item));
    }

    private static TestFailoverJob.Input input(TestFailoverRequest request) {
        return new TestFailoverJob.Input(PointWords.point(request.point()), PointWords.network(request.network()));
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
