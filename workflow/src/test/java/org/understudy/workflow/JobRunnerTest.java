package org.understudy.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.JobId;
import org.understudy.workflow.sql.Database;


/** What the runner promises, on a real PostgreSQL and by a clock that the test moves. */
class JobRunnerTest {
    private static final JobTarget WEB01 = new JobTarget("item", "4711", "web01");

    /** PostgreSQL's programs, unpacked once for all runs. */
    private static final File PROGRAMS = new File("target/postgres-programs");

    @TempDir
    static Path cluster;

    private static EmbeddedPostgres postgres;
    private static HikariDataSource source;
    private static Database database;

    private final TickingClock clock = new TickingClock();
    private final JobSignal signal = new JobSignal();
    private final List<String> trace = new ArrayList<>();
    private JobStore store;
    private Jobs jobs;

    record Question(String text) {}

    @BeforeAll
    static void startDatabase() throws IOException {
        postgres = EmbeddedPostgres.builder().setOverrideWorkingDirectory(PROGRAMS).setDataDirectory(cluster).start();
        HikariConfig config = new HikariConfig();
        config.setDataSource(postgres.getPostgresDatabase());
        source = new HikariDataSource(config);
        Flyway.configure().dataSource(source).load().migrate();
        database = new Database(source);
    }

    @AfterAll
    static void stopDatabase() throws IOException {
        source.close();
        postgres.close();
    }

    @BeforeEach
    void emptyTables() {
        database.update("delete from job");
        store = new JobStore(database);
        jobs = new Jobs(store, signal, clock);
    }

    private JobRunner runner(String owner, JobType... types) {
        return new JobRunner(store, signal, List.of(types), clock, RunnerConfig.named(owner));
    }

    private JobId start(JobType type) {
        return jobs.start(type, WEB01, new Question("why"), "anna").id();
    }

    private StepType step(String id, Supplier<StepOutcome> outcome) {
        return StepType.of(id, "Step " + id, context -> {
            trace.add(id);
            return outcome.get();
        });
    }

    private static Failure failure(FailureCode code, String message) {
        return FailureException.of(code, message).failure();
    }

    @Test
    void runsTheStepsInOrderAndHandsNotesOn() {
        JobType type = new JobType("Test failover", List.of(
                StepType.of("ask", "Asking", context -> {
                    context.notes().put("answer", context.input(Question.class).text() + " not");
                    context.progress(40, "asked");
                    return new StepOutcome.Done();
                }),
                step("nothing", () -> new StepOutcome.Skipped("nothing to do")),
                StepType.of("tell", "Telling", context -> {
                    trace.add(context.notes().get("answer").asText());
                    return new StepOutcome.Done();
                })));
        JobId id = start(type);
        assertThat(jobs.get(id).state()).isEqualTo(JobState.NOT_STARTED);

        runner("a", type).runDue();

        Job job = jobs.get(id);
        assertThat(job.state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(job.startedBy()).isEqualTo("anna");
        assertThat(job.steps()).extracting(JobStep::state)
                .containsExactly(JobState.SUCCEEDED, JobState.SKIPPED, JobState.SUCCEEDED);
        assertThat(job.steps().getFirst().note()).contains("asked");
        assertThat(job.endedAt()).contains(clock.instant());
        assertThat(trace).containsExactly("nothing", "why not");
        assertThat(job.allowedActions()).isEmpty();
    }

    @Test
    void refusesASecondOperationOnTheSameTargetAndNamesTheFirst() {
        JobType type = new JobType("Test failover", List.of(step("one", StepOutcome.Done::new)));
        JobId first = start(type);

        assertThatThrownBy(() -> start(type)).isInstanceOfSatisfying(FailureException.class, refused -> {
            assertThat(refused.failure().code()).isEqualTo(FailureCode.OPERATION_IN_PROGRESS);
            assertThat(refused.failure().message()).isEqualTo("An operation is in progress: Test failover (job " + first
                    + ") on web01, started " + clock.instant());
        });

        runner("a", type).runDue();
        assertThat(start(type)).isNotEqualTo(first);
    }

    @Test
    void startsNothingWhenTheCallersTransactionIsUndone() {
        JobType type = new JobType("Commit", List.of(step("one", StepOutcome.Done::new)));
        assertThatThrownBy(() -> database.transact(() -> {
            start(type);
            throw new IllegalStateException("changed my mind");
        })).hasMessage("changed my mind");
        assertThat(jobs.list(new JobFilter(Optional.empty(), false, 10))).isEmpty();
    }

    @Test
    void waitsForASignalAndGoesOnAsTheSameAttempt() {
        AtomicInteger runs = new AtomicInteger();
        JobType type = new JobType("Failover", List.of(StepType.of("order", "Ordering", context -> {
            trace.add(context.command().value());
            return runs.incrementAndGet() == 1
                    ? new StepOutcome.AwaitSignal() : new StepOutcome.Done();
        })));
        JobRunner runner = runner("a", type);
        JobId id = start(type);
        runner.runDue();
        clock.tick(Duration.ofDays(1));
        assertThat(runner.runDue()).isZero();

        jobs.signal(id);
        runner.runDue();

        assertThat(jobs.get(id).state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(trace).containsExactly(id + "/order", id + "/order");
    }

    @Test
    void losesNoSignalThatComesWhileTheStepStillLooks() {
        AtomicInteger runs = new AtomicInteger();
        JobType type = new JobType("Failover", List.of(StepType.of("order", "Ordering", context -> {
            if (runs.incrementAndGet() == 1) {
                jobs.signal(context.jobId());
                return new StepOutcome.AwaitSignal();
            }
            return new StepOutcome.Done();
        })));
        JobId id = start(type);

        runner("a", type).runDue();

        assertThat(jobs.get(id).state()).isEqualTo(JobState.SUCCEEDED);
    }

    @Test
    void looksAgainAtTheTimeGivenWithoutASignal() {
        Instant patience = clock.instant().plus(Duration.ofMinutes(5));
        JobType type = new JobType("Failover", List.of(StepType.of("order", "Ordering", context ->
                !context.now().isBefore(patience)
                        ? new StepOutcome.Failed(failure(FailureCode.AGENT_UNREACHABLE, "host kvm2 does not answer"))
                        : new StepOutcome.AwaitSignal(context.now().plusSeconds(300)))));
        JobRunner runner = runner("a", type);
        JobId id = start(type);
        runner.runDue();
        clock.tick(Duration.ofMinutes(5));
        runner.runDue();
        assertThat(jobs.get(id).failure()).map(Failure::message).contains("host kvm2 does not answer");
    }

    @Test
    void triesAgainAtTheTimeGivenWithAnotherCommandId() {
        List<String> commands = new ArrayList<>();
        JobType type = new JobType("Failover", List.of(StepType.of("order", "Ordering", context -> {
            commands.add(context.command().value());
            return context.attempt() < 3
                    ? new StepOutcome.RetryAt(context.now().plusSeconds(10), failure(FailureCode.LINK_LOST, "no way"))
                    : new StepOutcome.Done();
        })));
        JobRunner runner = runner("a", type);
        JobId id = start(type);
        runner.runDue();
        assertThat(jobs.get(id).step().nextAttemptAt()).contains(clock.instant().plusSeconds(10));
        assertThat(jobs.get(id).step().failure()).map(Failure::message).contains("no way");
        clock.tick(Duration.ofSeconds(9));
        jobs.signal(id);
        assertThat(runner.runDue()).isZero();
        clock.tick(Duration.ofSeconds(1));
        runner.runDue();
        clock.tick(Duration.ofSeconds(10));
        runner.runDue();

        assertThat(jobs.get(id).state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(jobs.get(id).step().failure()).isEmpty();
        assertThat(commands).containsExactly(id + "/order", id + "/order-2", id + "/order-3");
    }

    @Test
    void retriesByItselfOnlyWhatMayPass() {
        JobType passing = new JobType("Passing", List.of(step("one", () -> {
            throw FailureException.of(FailureCode.AGENT_UNREACHABLE, "host kvm1 is away");
        })));
        JobRunner runner = runner("a", passing);
        JobId id = start(passing);
        runner.runDue();
        assertThat(jobs.get(id).state()).isEqualTo(JobState.IN_PROGRESS);
        assertThat(jobs.get(id).step().nextAttemptAt()).contains(clock.instant().plusSeconds(1));
        for (int attempt = 2; attempt <= Backoff.USUAL.attempts(); attempt++) {
            clock.tick(Duration.ofMinutes(1));
            runner.runDue();
        }
        assertThat(jobs.get(id).state()).isEqualTo(JobState.FAILED);

        JobType mistaken = new JobType("Mistaken", List.of(step("one", () -> {
            throw FailureException.of(FailureCode.NO_CLOUD_PAIR, "cloud gold is not paired");
        })));
        JobId other = start(mistaken);
        runner("a", mistaken).runDue();
        assertThat(jobs.get(other).failure()).map(Failure::code).contains(FailureCode.NO_CLOUD_PAIR);
    }

    @Test
    void restartsAFailedJobAtTheStepThatFailed() {
        AtomicInteger runs = new AtomicInteger();
        JobType type = new JobType("Enable protection", List.of(
                step("check", StepOutcome.Done::new),
                StepType.of("make", "Making", context -> {
                    trace.add(context.command().value());
                    return runs.incrementAndGet() == 1
                            ? new StepOutcome.Failed(failure(FailureCode.HYPERVISOR_REFUSED, "no"))
                            : new StepOutcome.Done();
                })));
        JobRunner runner = runner("a", type);
        JobId id = start(type);
        runner.runDue();
        Job failed = jobs.get(id);
        assertThat(failed.state()).isEqualTo(JobState.FAILED);
        assertThat(failed.allowedActions()).containsExactly(JobAction.RESTART);

        jobs.restart(id);
        runner.runDue();

        assertThat(jobs.get(id).state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(jobs.get(id).failure()).isEmpty();
        assertThat(trace).containsExactly("check", id + "/make", id + "/make-2");
    }

    @Test
    void restartsOnlyTheNewestJobOfATarget() {
        JobType type = new JobType("Commit", List.of(
                step("one", () -> new StepOutcome.Failed(failure(FailureCode.HYPERVISOR_REFUSED, "no")))));
        JobRunner runner = runner("a", type);
        JobId old = start(type);
        runner.runDue();
        start(type);
        runner.runDue();
        assertThatThrownBy(() -> jobs.restart(old)).isInstanceOfSatisfying(FailureException.class, refused ->
                assertThat(refused.failure().code()).isEqualTo(FailureCode.STATE_FORBIDS));
    }

    @Test
    void cancelsOnlyWhereTheStepSaysItIsSafe() {
        JobType type = new JobType("Failover", List.of(
                StepType.cancellable("shut-down", "Shutting down", context ->
                        new StepOutcome.AwaitSignal()),
                step("start", StepOutcome.Done::new)));
        JobRunner runner = runner("a", type);
        JobId id = start(type);
        runner.runDue();

        assertThat(jobs.cancel(id).state()).isEqualTo(JobState.CANCELLING);
        runner.runDue();

        Job job = jobs.get(id);
        assertThat(job.state()).isEqualTo(JobState.CANCELLED);
        assertThat(job.steps()).extracting(JobStep::state).containsExactly(JobState.CANCELLED, JobState.NOT_STARTED);
        assertThat(trace).isEmpty();

        JobType carriedThrough = new JobType("Commit", List.of(StepType.of("wait", "Waiting", context ->
                new StepOutcome.AwaitSignal())));
        JobId other = start(carriedThrough);
        runner("a", carriedThrough).runDue();
        assertThatThrownBy(() -> jobs.cancel(other)).hasMessageContaining("is not allowed");
    }

    @Test
    void suspendsUntilAPersonResumesWithAComment() {
        JobType type = new JobType("Test failover", List.of(StepType.of("test", "Testing", context -> {
            if (context.notes().has("comment")) {
                trace.add(context.notes().get("comment").asText());
                return new StepOutcome.Done();
            }
            return new StepOutcome.AwaitUser("Test the VM, then complete the test.");
        })));
        JobRunner runner = runner("a", type);
        JobId id = start(type);
        runner.runDue();
        assertThat(jobs.get(id).state()).isEqualTo(JobState.SUSPENDED);
        assertThat(jobs.get(id).step().note()).contains("Test the VM, then complete the test.");
        clock.tick(Duration.ofDays(3));
        assertThat(runner.runDue()).isZero();

        jobs.resume(id, "works");
        runner.runDue();

        assertThat(trace).containsExactly("works");
        assertThat(jobs.get(id).state()).isEqualTo(JobState.SUCCEEDED);
    }

    @Test
    void aDefectIsTriedAgainAndThenFailsTheJobAndNotTheRunner() {
        JobType type = new JobType("Commit", List.of(step("one", () -> {
            throw new IllegalStateException("odd");
        })));
        JobId id = start(type);
        JobRunner runner = runner("a", type);
        runner.runDue();
        assertThat(jobs.get(id).state()).isEqualTo(JobState.IN_PROGRESS);
        assertThat(jobs.get(id).step().failure()).map(Failure::code).contains(FailureCode.INTERNAL_ERROR);
        for (int attempt = 2; attempt <= 3; attempt++) {
            clock.tick(Duration.ofMinutes(1));
            runner.runDue();
        }
        assertThat(jobs.get(id).failure()).map(Failure::code).contains(FailureCode.INTERNAL_ERROR);
        assertThat(jobs.get(id).failure()).map(Failure::message).get().asString().contains("Step one").contains("odd");
    }

    @Test
    void theEndOfAJobAndWhatItsTypeDoesWithItAreOne() {
        List<JobState> seen = new ArrayList<>();
        JobType type = new JobType("Commit", List.of(step("one", StepOutcome.Done::new)), job -> seen.add(job.state()));
        JobId good = start(type);
        runner("a", type).runDue();
        assertThat(jobs.get(good).state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(seen).containsExactly(JobState.SUCCEEDED);

        JobType breaking = new JobType("Disable", List.of(step("one", StepOutcome.Done::new)), job -> {
            throw new IllegalStateException("no room");
        });
        JobId bad = start(breaking);
        runner("a", breaking).runDue();
        assertThat(jobs.get(bad).state()).isEqualTo(JobState.FAILED);
    }

    @Test
    void aKilledRunnersJobIsTakenOverAtTheSameStepWhenItsLeaseHasLapsed() {
        JobType type = new JobType("Failover", List.of(
                step("first", StepOutcome.Done::new), step("second", StepOutcome.Done::new)));
        JobId id = start(type);
        // The killed one did the first step and died in the second: all that is left of it is its lease.
        Lease dead = store.take("killed", List.of("Failover"), List.of(), clock.instant(),
                Duration.ofSeconds(15)).orElseThrow();
        store.begin(dead, 0, clock.instant());
        store.advance(dead, 0, JobState.SUCCEEDED, Optional.empty(), clock.instant());
        store.begin(dead, 1, clock.instant());

        JobRunner heir = runner("heir", type);
        clock.tick(Duration.ofSeconds(14));
        assertThat(heir.runDue()).isZero();
        clock.tick(Duration.ofSeconds(2));
        heir.runDue();

        assertThat(trace).containsExactly("second");
        assertThat(jobs.get(id).state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(jobs.get(id).step().attempt()).isEqualTo(1);
        assertThatThrownBy(() -> store.fail(dead, 1, failure(FailureCode.LINK_LOST, "late"), clock.instant()))
                .isInstanceOf(Lease.Lost.class);
        assertThat(jobs.get(id).state()).isEqualTo(JobState.SUCCEEDED);
    }

    @Test
    void goesOnAtOnceWhereNobodyElseCanBeAlive() {
        JobType type = new JobType("Failover", List.of(step("only", StepOutcome.Done::new)));
        JobId id = start(type);
        store.take("killed", List.of("Failover"), List.of(), clock.instant(),
                Duration.ofSeconds(15)).orElseThrow();
        assertThat(store.takeOverAll(clock.instant())).isEqualTo(1);
        runner("heir", type).runDue();
        assertThat(jobs.get(id).state()).isEqualTo(JobState.SUCCEEDED);
    }

    @Test
    void letsARunningStepComeToItsEndWhenItIsClosed() throws InterruptedException {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch closing = new CountDownLatch(1);
        JobType type = new JobType("Failover", List.of(StepType.of("one", "One", context -> {
            running.countDown();
            try {
                closing.await(3, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                throw new IllegalStateException("was not let come to its end", e);
            }
            return new StepOutcome.Done();
        })));
        JobRunner runner = runner("a", type);
        runner.start();
        JobId id = start(type);
        assertThat(running.await(5, TimeUnit.SECONDS)).isTrue();
        Thread.ofVirtual().start(closing::countDown);
        runner.close();
        assertThat(jobs.get(id).state()).isEqualTo(JobState.SUCCEEDED);
    }

    @Test
    void twoRunnersShareTheJobsAndRunNoneTwice() throws InterruptedException {
        int count = 40;
        ConcurrentLinkedQueue<JobId> ran = new ConcurrentLinkedQueue<>();
        CountDownLatch all = new CountDownLatch(count);
        JobType type = new JobType("Failover", List.of(StepType.of("one", "One", context -> {
            ran.add(context.jobId());
            all.countDown();
            return new StepOutcome.Done();
        })));
        try (JobRunner a = runner("a", type); JobRunner b = runner("b", type)) {
            a.start();
            b.start();
            for (int i = 0; i < count; i++) {
                jobs.start(type, new JobTarget("item", "i" + i, "vm" + i), new Question("x"), "anna");
            }
            assertThat(all.await(30, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(ran).hasSize(count).doesNotHaveDuplicates();
    }

    @Test
    void wakesAtOnceForANewJobAndAtASignal() throws InterruptedException {
        CountDownLatch waiting = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        JobType type = new JobType("Failover", List.of(StepType.of("one", "One", context -> {
            if (waiting.getCount() > 0) {
                waiting.countDown();
                return new StepOutcome.AwaitSignal();
            }
            done.countDown();
            return new StepOutcome.Done();
        })));
        try (JobRunner runner = runner("a", type)) {
            runner.start();
            JobId id = start(type);
            assertThat(waiting.await(3, TimeUnit.SECONDS)).isTrue();
            jobs.signal(id);
            assertThat(done.await(3, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void forgetsEndedJobsAfterTheirTime() {
        JobType type = new JobType("Commit", List.of(step("one", StepOutcome.Done::new)));
        start(type);
        runner("a", type).runDue();
        clock.tick(Duration.ofDays(91));
        start(type);
        assertThat(jobs.forgetEnded(Duration.ofDays(90))).isEqualTo(1);
        assertThat(jobs.list(new JobFilter(Optional.of("4711"), true, 10))).hasSize(1);
    }
}
