package org.understudy.vault.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.understudy.command.AgentCommand;
import org.understudy.command.AgentEndpoint;
import org.understudy.command.AgentEndpoint.IssuedCommand;
import org.understudy.command.AgentReport;
import org.understudy.command.CommandId;
import org.understudy.command.CommandOutcome;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.JobId;
import org.understudy.model.RelationshipId;
import org.understudy.vault.database.TestDatabase;
import org.understudy.workflow.Job;
import org.understudy.workflow.JobRunner;
import org.understudy.workflow.JobSignal;
import org.understudy.workflow.JobState;
import org.understudy.workflow.JobStore;
import org.understudy.workflow.JobTarget;
import org.understudy.workflow.JobType;
import org.understudy.workflow.Jobs;
import org.understudy.workflow.RunnerConfig;
import org.understudy.workflow.StepOutcome;
import org.understudy.workflow.StepType;
import org.understudy.workflow.sql.Database;

/** What lies between a job's step and an agent: asked once, answered once, nobody waits longer than needed. */
class CommandQueueTest {
    private static final HostId KVM1 = HostId.random();
    private static final HostId KVM2 = HostId.random();
    private static final AgentCommand FENCE = new AgentCommand.FenceReplica(RelationshipId.first(ItemId.random()));

    private final Clock clock = Clock.systemUTC();
    private final JobSignal signal = new JobSignal();
    private final CountDownLatch jobEnded = new CountDownLatch(1);
    private final JobType fence = new JobType("Fence", List.of(StepType.cancellable("fence", "Fencing", context -> {
        CommandId id = new CommandId(context.command().value());
        queue().issue(KVM1, id, FENCE);
        return queue().outcome(id).map(outcome -> (StepOutcome) switch (outcome) {
            case CommandOutcome.Done _ -> new StepOutcome.Done();
            case CommandOutcome.MachineStarted _, CommandOutcome.Points _, CommandOutcome.MachineChecked _,
                    CommandOutcome.MachineDescribed _, CommandOutcome.Holdings _,
                    CommandOutcome.Finished _ -> new StepOutcome.Done();
            case CommandOutcome.Failed(Failure failure) -> new StepOutcome.Failed(failure);
        }).orElseGet(() -> new StepOutcome.AwaitSignal());
    })), job -> jobEnded.countDown());

    private Database database;
    private Jobs jobs;
    private JobRunner runner;
    private CommandQueue queue;

    private CommandQueue queue() {
        return queue;
    }

    @Test
    void asksNobodyWhileATransactionHoldsAConnection() {
        AgentCommand.Question question = new AgentCommand.ListHoldings();
        assertThatThrownBy(() -> database.transact(() -> queue.ask(KVM1, "kvm1", question, Duration.ofMinutes(1))))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("ask the agent on host kvm1");
    }

    @BeforeEach
    void start() {
        database = TestDatabase.empty();
        JobStore store = new JobStore(database);
        jobs = new Jobs(store, signal, clock);
        HostWatch watch = new HostWatch(MonotonicClock.SYSTEM);
        queue = new CommandQueue(database, jobs, watch, clock);
        runner = new JobRunner(store, signal, List.of(fence), clock, RunnerConfig.named("test"));
        HostStore hosts = new HostStore(database, watch);
        for (HostId host : List.of(KVM1, KVM2)) {
            hosts.register(host, new AgentEndpoint.Registration("", "host-" + host, "", "192.0.2.1", 8084, "1"),
                    "fingerprint", clock.instant());
        }
    }

    @AfterEach
    void stop() {
        queue.close();
        runner.close();
    }

    private JobId startJob() {
        return jobs.start(fence, new JobTarget("item", "1", "web01"), Map.of(), "anna").id();
    }

    @Test
    void aPollWaitsForACommandAndItsEndWakesTheJob() throws InterruptedException {
        CompletableFuture<List<IssuedCommand>> poll = CompletableFuture.supplyAsync(() -> await(KVM1, 30));
        runner.start();
        JobId job = startJob();

        List<IssuedCommand> commands = poll.orTimeout(10, TimeUnit.SECONDS).join();
        assertThat(commands).containsExactly(new IssuedCommand(new CommandId(job + "/fence"), FENCE));
        queue.end(KVM1, commands.getFirst().id(), new CommandOutcome.Done());

        assertThat(jobEnded.await(10, TimeUnit.SECONDS)).isTrue();
        runner.close();
        assertThat(jobs.get(job).state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(queue.waiting(KVM1)).isEmpty();
    }

    @Test
    void aCommandIsHandedOutAgainUntilItsEndWasReported() {
        startJob();
        runner.runDue();
        assertThat(await(KVM1, 0)).hasSize(1);
        assertThat(await(KVM1, 0)).hasSize(1);
        assertThat(await(KVM2, 0)).isEmpty();
    }

    @Test
    void onlyTheHostThatWasAskedIsBelievedThatItRuns() {
        JobId job = startJob();
        runner.runDue();
        CommandId fence = new CommandId(job + "/fence");
        List<AgentReport.RunningCommand> running =
                List.of(new AgentReport.RunningCommand(fence, clock.instant(), Optional.empty()));
        queue.areAlive(KVM2, running);
        assertThat(queue.wasTaken(fence)).isFalse();
        queue.areAlive(KVM1, running);
        assertThat(queue.wasTaken(fence)).isTrue();
    }

    @Test
    void writesThatACommandWasTakenWhenTheFirstWordOfItWasUndone() {
        CommandId fence = new CommandId(startJob() + "/fence");
        runner.runDue();
        List<AgentReport.RunningCommand> running =
                List.of(new AgentReport.RunningCommand(fence, clock.instant(), Optional.empty()));
        assertThatThrownBy(() -> database.transact(() -> {
            queue.areAlive(KVM1, running);
            throw new IllegalStateException("another report of the request broke");
        })).isInstanceOf(IllegalStateException.class);
        queue.areAlive(KVM1, running);
        assertThat(queue.wasTaken(fence)).isTrue();
    }

    @Test
    void onlyTheHostThatWasAskedCanAnswerAndOnlyOnce() {
        JobId job = startJob();
        runner.runDue();
        CommandId id = new CommandId(job + "/fence");

        queue.end(KVM2, id, new CommandOutcome.Done());
        assertThat(queue.outcome(id)).isEmpty();

        Failure failure = FailureException.of(FailureCode.HYPERVISOR_REFUSED, "no").failure();
        queue.end(KVM1, id, new CommandOutcome.Failed(failure));
        queue.end(KVM1, id, new CommandOutcome.Done());
        assertThat(queue.outcome(id)).get().isInstanceOf(CommandOutcome.Failed.class);
        runner.runDue();
        assertThat(jobs.get(job).failure()).map(Failure::message).contains("no");
    }

    @Test
    void aCancelledJobsCommandIsNotHandedOutAnyMore() {
        Job job = jobs.get(startJob());
        runner.runDue();
        jobs.cancel(job.id());
        runner.runDue();
        assertThat(jobs.get(job.id()).state()).isEqualTo(JobState.CANCELLED);
        assertThat(await(KVM1, 0)).isEmpty();
    }

    private List<IssuedCommand> await(HostId host, int seconds) {
        try {
            return queue.await(host, Duration.ofSeconds(seconds));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
