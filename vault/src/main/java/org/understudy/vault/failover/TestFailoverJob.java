package org.understudy.vault.failover;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.understudy.api.Operation;
import org.understudy.api.TestFailoverRequest;
import org.understudy.command.AgentCommand;
import org.understudy.command.CommandOutcome;
import org.understudy.command.PointChoice;
import org.understudy.command.TestNetwork;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.vault.fleet.Agent;
import org.understudy.vault.fleet.Agents;
import org.understudy.vault.http.Role;
import org.understudy.vault.item.Asked;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.JobSense;
import org.understudy.vault.item.Prerequisites;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.vault.item.TestFailoverStore;
import org.understudy.vault.job.JobRule;
import org.understudy.vault.operation.ItemOperation;
import org.understudy.vault.operation.Offer;
import org.understudy.workflow.JobType;
import org.understudy.workflow.StepContext;
import org.understudy.workflow.StepOutcome;
import org.understudy.workflow.StepType;

/**
 * The job "Test failover": starts a test VM, then is suspended until its clean-up has removed it (TF-12). Neither the
 * source nor the replica changes by it.
 */
public final class TestFailoverJob implements ItemOperation<TestFailoverRequest, TestFailoverJob.Input> {
    public static final String NAME = "Test failover";
    /** What a suspended job of this type waits for (J-02). */
    public static final String WAITING = "WaitingForStopTestFailover";

    private static final int NAME_BYTES_MAX = 180;
    private static final StepOutcome DONE = new StepOutcome.Done();

    private final ItemSteps steps;
    private final FailoverChecks checks;
    private final TestFailoverStore tests;

    public TestFailoverJob(ItemSteps steps, FailoverChecks checks, TestFailoverStore tests) {
        this.steps = steps;
        this.checks = checks;
        this.tests = tests;
    }

    /** What was asked. */
    public record Input(PointChoice point, TestNetwork network, boolean forced) {}

    @Override
    public Offer<TestFailoverRequest> offer() {
        return new Offer<>(Operation.TEST_FAILOVER, Role.OPERATOR, TestFailoverRequest.class);
    }

    @Override
    public Input input(ProtectedItem item, Asked<TestFailoverRequest> asked) {
        TestFailoverRequest request = asked.request();
        boolean forced = request.force().orElse(false);
        if (forced && request.reason().filter(text -> !text.isBlank()).isEmpty()) {
            throw FailureException.of(FailureCode.REQUEST_INVALID,
                    "To force a test failover into a network of production takes a reason.");
        }
        return new Input(PointWords.point(request.point()), PointWords.network(request.network()), forced);
    }

    @Override
    public Prerequisites checks(ProtectedItem item, Input input) {
        return checks.test(item, input);
    }

    @Override
    public List<String> actions(ProtectedItem item, Input input) {
        return List.of("start virtual machine \"" + testName(item) + "\" on host " + steps.targetAgent(item).name()
                        + " from recovery point " + PointWords.of(input.point()),
                switch (input.network()) {
                    case TestNetwork.None _ -> "connect it to nothing";
                    case TestNetwork.CreateIsolated _ -> "connect it to an isolated network made for the test";
                    case TestNetwork.Existing(String network) -> "connect it to network " + network;
                });
    }

    @Override
    public Optional<String> audited(TestFailoverRequest request) {
        return request.force().filter(forced -> forced)
                .map(forced -> "forced: " + request.reason().orElse("without a reason"));
    }

    @Override
    public JobRule rule(JobSense sense) {
        return new JobRule(NAME, offer().role(), sense::goesOnWithItsTest, sense::hasNoTest);
    }

    @Override
    public JobType job() {
        return new JobType(NAME, List.of(
                StepType.cancellable("prerequisites", "Prerequisites check for test failover", this::prerequisites),
                StepType.of("create", "Create test environment", this::create),
                StepType.cancellable("start", "Start the test virtual machine", this::start),
                StepType.of("complete", "Complete testing", this::complete)));
    }

    /** The name of an item's test VM (TF-11). */
    static String testName(ProtectedItem item) {
        return shortened(item) + " - Test";
    }

    /** A name of a VM is the name of files, too, which may have 255 bytes with what libvirt puts around it. */
    private static String shortened(ProtectedItem item) {
        String name = item.name();
        if (name.getBytes(StandardCharsets.UTF_8).length <= NAME_BYTES_MAX) {
            return name;
        }
        int end = name.length();
        while (name.substring(0, end).getBytes(StandardCharsets.UTF_8).length > NAME_BYTES_MAX) {
            end = name.offsetByCodePoints(end, -1);
        }
        return name.substring(0, end) + "~" + item.id().toString().substring(0, 8);
    }

    private StepOutcome prerequisites(StepContext step) {
        checks.test(steps.item(step), step.input(Input.class)).require(steps.clock().instant());
        return DONE;
    }

    /** The test is known before anything of it exists, so that its clean-up can be asked for whatever happens next. */
    private StepOutcome create(StepContext step) {
        ProtectedItem item = steps.item(step);
        tests.begin(
                item.id(), step.jobId(), testName(item), PointWords.of(step.input(Input.class).network()));
        return DONE;
    }

    private StepOutcome start(StepContext step) {
        ProtectedItem item = steps.item(step);
        Input input = step.input(Input.class);
        Agent target = steps.targetAgent(item);
        AgentCommand command =
                new AgentCommand.StartTestFailover(item.relationship(), input.point(), testName(item), input.network());
        return steps.agents().ask(step, new Agents.Call(step.command(), target, command), outcome -> {
            if (!(outcome instanceof CommandOutcome.MachineStarted started)) {
                throw FailureException.of(FailureCode.INTERNAL_ERROR,
                        "the agent on host " + target.name() + " did not say what it started");
            }
            tests.started(item.id(), started);
            return DONE;
        });
    }

    /** Suspended until the clean-up resumes it. */
    private StepOutcome complete(StepContext step) {
        return step.notes().has("comment") ? DONE : new StepOutcome.AwaitUser(WAITING);
    }
}
