package org.understudy.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.model.JobId;
import org.understudy.workflow.sql.Database;

/** What becomes of a job when somebody, or the clock, does something just then. */
class JobAtOddMomentsTest {
    private static final File PROGRAMS = new File("target/postgres-programs");

    @TempDir
    Path cluster;

    private final TickingClock clock = new TickingClock();
    private final JobSignal signal = new JobSignal();
    private final List<String> trace = new ArrayList<>();
    private EmbeddedPostgres postgres;
    private HikariDataSource source;
    private JobStore store;
    private Jobs jobs;

    record Nothing() {}

    @BeforeEach
    void startDatabase() throws IOException {
        postgres = EmbeddedPostgres.builder().setOverrideWorkingDirectory(PROGRAMS).setDataDirectory(cluster).start();
        HikariConfig config = new HikariConfig();
        config.setDataSource(postgres.getPostgresDatabase());
        source = new HikariDataSource(config);
        Flyway.configure().dataSource(source).load().migrate();
        store = new JobStore(new Database(source));
        jobs = new Jobs(store, signal, clock);
    }

    @AfterEach
    void stopDatabase() throws IOException {
        source.close();
        postgres.close();
    }

    private JobRunner runner(JobType type) {
        return new JobRunner(store, signal, List.of(type), clock, RunnerConfig.named("a"));
    }

    private JobId start(JobType type) {
        return jobs.start(type, new JobTarget("item", "4711", "web01"), new Nothing(), "anna").id();
    }

    @Tag("slow")
    @Test
    void runsAJobOnceWhenTheClockJumpsWhileItRuns() {
        JobRunner[] self = new JobRunner[1];
        JobType type = new JobType("Failover", List.of(StepType.of("order", "Order", context -> {
            trace.add("order");
            clock.tick(Duration.ofDays(1));
            assertThat(self[0].runDue()).isZero();
            return new StepOutcome.Done();
        })));
        self[0] = runner(type);
        JobId id = start(type);
        self[0].runDue();
        assertThat(jobs.get(id).state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(trace).containsExactly("order");
    }

    @Tag("slow")
    @Test
    void carriesOnWhenTheRequestToCancelComesTooLate() {
        JobType type = new JobType("Test failover", List.of(
                StepType.cancellable("check", "Check", context -> {
                    jobs.cancel(context.jobId()); // Somebody else's request, within this run.
                    return new StepOutcome.Done();
                }),
                StepType.of("wait", "Wait", context -> {
                    trace.add("wait");
                    return new StepOutcome.AwaitUser("Waiting");
                })));
        JobId id = start(type);
        runner(type).runDue();
        assertThat(jobs.get(id).state()).isEqualTo(JobState.SUSPENDED);
        assertThat(trace).containsExactly("wait");
    }

    @Tag("slow")
    @Test
    void endsAtOnceWhatGivesWayAndItsRunWritesNothingMore() {
        JobType resume = new JobType("Resume", List.of(StepType.cancellable("ask", "Ask", context -> {
            JobType failover = new JobType("Failover", List.of(StepType.of("go", "Go", go -> new StepOutcome.Done())));
            trace.add(jobs.startInPlaceOf(job -> true, failover, context.target(), new Nothing(), "anna").type());
            return new StepOutcome.Done();
        })));
        JobId id = start(resume);
        runner(resume).runDue();
        assertThat(jobs.get(id).state()).isEqualTo(JobState.CANCELLED);
        assertThat(jobs.activeOn(new JobTarget("item", "4711", "web01")).map(Job::type)).contains("Failover");
        assertThat(trace).containsExactly("Failover");
    }
}
