package org.understudy.agent.vault;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.agent.Pause;
import org.understudy.command.AgentCommand;
import org.understudy.command.AgentEndpoint.IssuedCommand;
import org.understudy.command.AgentReport;
import org.understudy.command.CommandId;
import org.understudy.command.CommandOutcome;
import org.understudy.hypervisor.HypervisorAwayException;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.ItemId;
import org.understudy.model.JobId;
import org.understudy.model.RelationshipId;
import org.understudy.model.VmId;
import org.understudy.model.loop.EndlessLoop;

/** How often the vault is asked for commands, and how often one of them is run. */
@Timeout(30)
class CommandLoopTest {
    private static final String ASKED = "asked PT25S";
    private static final String BUSY = "waited PT0.25S";
    private static final String TROUBLE = "waited PT2S";

    private final IssuedCommand fence = new IssuedCommand(
            new CommandId(JobId.random() + "/fence"),
                    new AgentCommand.FenceReplica(RelationshipId.first(ItemId.random())));
    private final List<String> trace = new ArrayList<>();
    private final List<AgentCommand> run = new CopyOnWriteArrayList<>();
    private final TracedPace pace = new TracedPace(trace);
    private final Pause pause = new Pause(pace);
    private final ScriptedVault vault = new ScriptedVault(trace, pause);
    private final ReportLoop reports = new ReportLoop(vault,
            () -> new Look("1", List.of(), List.of(), Optional.empty(), List.of()), pace, pause);
    private final RunningCommands running = new RunningCommands(Clock.systemUTC());
    private final CountDownLatch mayEnd = new CountDownLatch(1);
    private CommandExecutor executor = command -> new CommandOutcome.Done();

    @TempDir
    private Path folder;
    private AnswerStore answers;

    @BeforeEach
    void open() throws IOException {
        answers = new AnswerStore(folder, Clock.systemUTC());
    }

    private void runToTheEndOfTheScript() {
        new EndlessLoop("commands", new CommandLoop(vault, command -> {
            run.add(command);
            return executor.execute(command);
        }, new Answers(answers), reports, running, pause), pause::isOver, pause::await).run();
    }

    /** The loop carries commands out on threads of their own: looks until one of them came that far. */
    private static void await(BooleanSupplier so) throws InterruptedException {
        Semaphore never = new Semaphore(0);
        while (!so.getAsBoolean()) {
            assertThat(never.tryAcquire(2, TimeUnit.MILLISECONDS)).isFalse();
        }
    }

    private List<IssuedCommand> handedOutOnceItsEndWaitsToBeTold() throws InterruptedException {
        await(() -> reports.isToTellTheEndOf(fence.id()));
        return List.of(fence);
    }

    @Test
    void leavesTheWaitToAVaultThatHasNothing() {
        vault.answers().answers().answers();
        runToTheEndOfTheScript();
        assertThat(trace).containsExactly(ASKED, ASKED, ASKED);
    }

    @Test
    void asksOnceAPauseWhileACommandRuns() throws InterruptedException {
        executor = command -> {
            await(mayEnd);
            return new CommandOutcome.Done();
        };
        vault.answers(fence).answers(fence).answers(fence).answers();
        runToTheEndOfTheScript();
        mayEnd.countDown();
        assertThat(trace).containsExactly(ASKED, ASKED, BUSY, ASKED, BUSY, ASKED);
        await(() -> reports.isToTellTheEndOf(fence.id()));
        assertThat(run).hasSize(1);
    }

    @Test
    void tellsWhatACommandDoesAndForHowLongItsHypervisorHasNotAnswered() throws InterruptedException {
        RelationshipId item = ((AgentCommand.FenceReplica) fence.command()).relationship();
        IssuedCommand next = new IssuedCommand(
                new CommandId(JobId.random() + "/release"), new AgentCommand.ReleaseReplica(item));
        AtomicInteger applied = new AtomicInteger();
        CountDownLatch mayAsk = new CountDownLatch(1);
        executor = command -> {
            if (command instanceof AgentCommand.FenceReplica) {
                CommandProgress.says(() -> "applies at " + applied.get());
                await(mayAsk);
                return asked();
            }
            return new CommandOutcome.Done();
        };
        vault.answers(fence).then(() -> {
            await(() -> words(fence).contains("applies at 0"));
            applied.set(7);
            await(() -> words(fence).contains("applies at 7"));
            assertThat(told(fence).unanswered()).isEmpty();
            mayAsk.countDown();
            await(() -> words(fence).contains("asks the hypervisor to define the VM"));
            return List.of(fence, next);
        }).then(() -> {
            await(() -> words(next).contains("another command of the same item has ended, which asks the hypervisor"));
            assertThat(told(next).unanswered().orElseThrow()).isPositive();
            mayEnd.countDown();
            await(() -> reports.isToTellTheEndOf(next.id()));
            return List.of();
        });
        runToTheEndOfTheScript();
        assertThat(run).containsExactly(fence.command(), next.command());
        await(() -> running.list().isEmpty());
    }

    /** The order to start it belongs to a job that gave way: what shuts the VM down for good comes after it. */
    @Test
    void shutsAVmDownOnlyWhenWhatWasToStartItHasEnded() throws InterruptedException {
        VmId vm = VmId.random();
        AtomicBoolean endedFirst = new AtomicBoolean();
        RelationshipId item = RelationshipId.first(ItemId.random());
        IssuedCommand start = new IssuedCommand(
                new CommandId(JobId.random() + "/start"), new AgentCommand.StartMachine(item, vm));
        IssuedCommand shutDown = new IssuedCommand(new CommandId(JobId.random() + "/shut-down"),
                new AgentCommand.ShutDownMachine(vm, Duration.ofSeconds(90), false, Optional.of(item)));
        executor = command -> {
            if (command instanceof AgentCommand.StartMachine) {
                await(mayEnd);
            }
            return new CommandOutcome.Done();
        };
        vault.answers(start).then(() -> {
            await(() -> run.contains(start.command()));
            return List.of(shutDown);
        }).then(() -> {
            await(() -> words(shutDown).contains("another command") || reports.isToTellTheEndOf(shutDown.id()));
            endedFirst.set(reports.isToTellTheEndOf(shutDown.id()));
            mayEnd.countDown();
            await(() -> reports.isToTellTheEndOf(shutDown.id()));
            return List.of();
        });
        runToTheEndOfTheScript();
        assertThat(endedFirst).isFalse();
        assertThat(run).containsExactly(start.command(), shutDown.command());
    }

    private CommandOutcome asked() throws IOException {
        try {
            return CommandProgress.asking("to define the VM", () -> {
                await(mayEnd);
                return new CommandOutcome.Done();
            });
        } catch (Throwable e) {
            throw new IOException(e);
        }
    }

    private AgentReport.RunningCommand told(IssuedCommand command) {
        return running.list().stream().filter(it -> it.id().equals(command.id())).findFirst().orElseThrow();
    }

    private String words(IssuedCommand command) {
        return running.list().stream().filter(it -> it.id().equals(command.id())).findFirst()
                .flatMap(AgentReport.RunningCommand::progress).orElse("");
    }

    @Test
    void asksOnceAPauseWhileTheEndOfACommandIsNotTold() {
        vault.answers(fence).then(this::handedOutOnceItsEndWaitsToBeTold).answers(fence).answers();
        runToTheEndOfTheScript();
        assertThat(trace).containsExactly(ASKED, ASKED, BUSY, ASKED, BUSY, ASKED);
        assertThat(run).hasSize(1);
    }

    @Test
    void asksAtOnceForMoreThanTheCommandsThatItBegins() throws InterruptedException {
        IssuedCommand other = new IssuedCommand(
                new CommandId(JobId.random() + "/fence"),
                    new AgentCommand.FenceReplica(RelationshipId.first(ItemId.random())));
        executor = command -> {
            await(mayEnd);
            return new CommandOutcome.Done();
        };
        vault.answers(fence).answers(fence, other).answers(fence, other).answers();
        runToTheEndOfTheScript();
        mayEnd.countDown();
        assertThat(trace).as("a new one among those that run").containsExactly(ASKED, ASKED, ASKED, BUSY, ASKED);
        await(() -> reports.isToTellTheEndOf(fence.id()) && reports.isToTellTheEndOf(other.id()));
    }

    @Test
    void pausesAfterEachFailureAndNoMoreOnceTheVaultIsBack() {
        vault.isAway().isAway().isAway().answers().answers();
        runToTheEndOfTheScript();
        assertThat(trace).containsExactly(ASKED, TROUBLE, ASKED, TROUBLE, ASKED, TROUBLE, ASKED, ASKED);
    }

    @Test
    void answersFromMemoryWhatSucceededBeforeARestart() throws Exception {
        answers.remember(fence.id(), new CommandOutcome.Done());
        vault.answers(fence).then(this::handedOutOnceItsEndWaitsToBeTold).answers();
        runToTheEndOfTheScript();
        assertThat(run).isEmpty();
    }

    @Test
    void remembersSuccessAndNoFailure() throws Exception {
        executor = command -> {
            throw FailureException.of(FailureCode.HYPERVISOR_REFUSED, "no");
        };
        vault.answers(fence).then(this::handedOutOnceItsEndWaitsToBeTold).answers();
        runToTheEndOfTheScript();
        assertThat(run).hasSize(1);
        assertThat(answers.find(fence.id())).isEmpty();
    }

    @Test
    void tellsASuccessThatTheDiskDoesNotRememberAndRunsTheCommandOnce() throws Exception {
        Files.delete(folder.resolve("answers"));
        vault.answers(fence).then(this::handedOutOnceItsEndWaitsToBeTold).answers(fence).answers();
        runToTheEndOfTheScript();
        assertThat(run).hasSize(1);
        assertThat(answers.find(fence.id())).as("on disk").isEmpty();
        assertThat(trace).containsExactly(ASKED, ASKED, BUSY, ASKED, BUSY, ASKED);
    }

    @Test
    void answersAgainFromItsOwnMemoryWhatTheDiskDidNotRemember() throws Exception {
        Files.delete(folder.resolve("answers"));
        ReportLoop heard = new ReportLoop(new ScriptedVault(new ArrayList<>(), new Pause(pace)).answers().answers(),
                () -> new Look("1", List.of(), List.of(), Optional.empty(), List.of()), pace, pause);
        Answers both = new Answers(answers);
        vault.answers(fence).then(() -> {
            await(() -> heard.isToTellTheEndOf(fence.id()));
            heard.take();
            await(() -> running.list().isEmpty());
            return List.of(fence);
        }).then(() -> {
            await(() -> heard.isToTellTheEndOf(fence.id()));
            return List.of();
        }).answers();
        new EndlessLoop("commands", new CommandLoop(vault, command -> {
            run.add(command);
            return new CommandOutcome.Done();
        }, both, heard, running, pause), pause::isOver, pause::await).run();
        assertThat(run).hasSize(1);
    }

    /** A failover's start follows its fence: a fixed pause between the two would be part of its RTO. */
    @Test
    void asksAtOnceForTheNextStepWhenTheVaultHasHeardOfAnEnd() {
        ReportLoop heard = new ReportLoop(new ScriptedVault(new ArrayList<>(), new Pause(pace)).answers().answers(),
                () -> new Look("1", List.of(), List.of(), Optional.empty(), List.of()), pace, pause);
        vault.answers(fence).then(() -> {
            await(() -> heard.isToTellTheEndOf(fence.id()));
            // Handed out while the vault does not know of the end, which it is told before the agent comes to wait.
            heard.take();
            running.begin(fence.id());
            return List.of(fence);
        }).answers();
        trace.clear();
        new EndlessLoop("commands", new CommandLoop(vault, command -> new CommandOutcome.Done(),
                new Answers(answers), heard, running, pause), pause::isOver, pause::await).run();
        assertThat(trace).doesNotContain(BUSY);
    }

    @Test
    void tellsADiskFromAHypervisorThatIsAway() throws Exception {
        executor = command -> {
            throw command instanceof AgentCommand.FenceReplica
                    ? new FileSystemException("/replicas/vda.raw", null, "File too large")
                    : new HypervisorAwayException("libvirt cannot be reached", null);
        };
        IssuedCommand commit = new IssuedCommand(
                new CommandId(JobId.random() + "/commit"),
                new AgentCommand.CommitFailover(RelationshipId.first(ItemId.random())));
        vault.answers(fence, commit).then(() -> {
            await(() -> reports.isToTellTheEndOf(fence.id()) && reports.isToTellTheEndOf(commit.id()));
            return List.of();
        });
        runToTheEndOfTheScript();
        vault.answers().answers();
        reports.take();
        assertThat(vault.told()).filteredOn(AgentReport.CommandEnded.class::isInstance).extracting(told ->
                        ((CommandOutcome.Failed) ((AgentReport.CommandEnded) told).outcome()).failure())
                .extracting(failure -> failure.code() + ": " + failure.message()).containsExactlyInAnyOrder(
                        "TARGET_IO_FAILED: /replicas/vda.raw: File too large.",
                        "HYPERVISOR_UNREACHABLE: libvirt cannot be reached.");
    }

    @Test
    void answersACommandThatMetAnErrorOfTheVirtualMachine() throws Exception {
        executor = command -> {
            throw new OutOfMemoryError("Cannot reserve 2097152 bytes of direct buffer memory");
        };
        vault.answers(fence).then(this::handedOutOnceItsEndWaitsToBeTold).answers();
        runToTheEndOfTheScript();
        assertThat(run).hasSize(1);
    }

    @Test
    void showsWhatRunsUntilItsEndWaitsToBeTold() throws Exception {
        executor = command -> {
            await(mayEnd);
            return new CommandOutcome.Done();
        };
        vault.answers(fence).then(() -> {
            assertThat(running.list()).singleElement().satisfies(one -> assertThat(one.id()).isEqualTo(fence.id()));
            return List.of();
        });
        runToTheEndOfTheScript();
        mayEnd.countDown();
        await(() -> running.list().isEmpty());
        assertThat(reports.isToTellTheEndOf(fence.id())).isTrue();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
