package org.understudy.workflow;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.model.Failure;
import org.understudy.model.loop.EndlessLoop;
import org.understudy.workflow.sql.DatabaseException;

/**
 * The loop that takes due jobs and runs their steps, each job on a virtual thread of its own. Killed at any line, its
 * jobs are taken over by the next runner when their leases lapse, at the step they stood in. Waits on its
 * {@link JobSignal}, until the next job is due; looks besides every few seconds for what other processes left.
 */
public final class JobRunner implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JobRunner.class);
    private static final Duration LOOK_AT_LEAST_EVERY = Duration.ofSeconds(5);
    private static final Duration LOOK_AT_MOST_EVERY = Duration.ofMillis(5);
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final JobStore store;
    private final JobSignal signal;
    private final Map<String, JobType> types;
    private final Clock clock;
    private final RunnerConfig config;
    private final JobSignal closing = new JobSignal();
    private final Semaphore free;
    private final Set<UUID> running = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads =
            Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("job-", 0).factory());

    private final List<EndlessLoop> loops = List.of(
            loop("jobs", this::takeDue), loop("leases of jobs", this::renewLeases));

    public JobRunner(JobStore store, JobSignal signal, List<JobType> types, Clock clock, RunnerConfig config) {
        this.store = store;
        this.signal = signal;
        this.types = types.stream().collect(Collectors.toUnmodifiableMap(JobType::name, Function.identity()));
        this.clock = clock;
        this.config = config;
        this.free = new Semaphore(config.jobsAtOnce());
    }

    /** Starts the loop and the renewal of leases. */
    public void start() {
        loops.forEach(threads::execute);
    }

    /** What keeps the loop or the renewal of leases from going on. */
    public List<Failure> troubles() {
        return loops.stream().flatMap(loop -> loop.trouble().stream()).toList();
    }

    private EndlessLoop loop(String name, EndlessLoop.Turn turn) {
        return new EndlessLoop(name, turn, this::isClosed, atMost -> closing.await(0, atMost));
    }

    private boolean isClosed() {
        return threads.isShutdown();
    }

    /** Runs what is due on the thread of the caller, job after job, and tells how many runs that were. */
    public int runDue() {
        int count = 0;
        for (Optional<Lease> lease = take(); lease.isPresent(); lease = take()) {
            run(lease.get());
            count++;
        }
        return count;
    }

    /**
     * Stops taking jobs, gives running steps a few seconds to come to an end, and interrupts them then; the leases of
     * those lapse and another runner goes on.
     */
    @Override
    public void close() {
        threads.shutdown();
        closing.raise();
        signal.raise();
        try {
            if (!threads.awaitTermination(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("job runner closed with steps still running jobs={}", running);
                threads.shutdownNow();
                threads.awaitTermination(GRACE.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void takeDue() throws InterruptedException {
        long seen = signal.count();
        Duration pause;
        try {
            takeAll();
            pause = untilNextDue();
        } catch (DatabaseException e) {
            LOG.warn("jobs could not be read reason=\"{}\"", e.getMessage());
            pause = LOOK_AT_LEAST_EVERY;
        }
        signal.await(seen, pause);
    }

    private void takeAll() throws InterruptedException {
        while (!threads.isShutdown()) {
            free.acquire();
            Optional<Lease> lease = Optional.empty();
            try {
                lease = take();
            } finally {
                if (lease.isEmpty()) {
                    free.release();
                }
            }
            if (lease.isEmpty()) {
                return;
            }
            runOnItsOwnThread(lease.get());
        }
    }

    private void runOnItsOwnThread(Lease lease) {
        try {
            threads.execute(() -> {
                try {
                    run(lease);
                } finally {
                    free.release();
                }
            });
        } catch (RejectedExecutionException e) {
            // Closed since the job was taken: whoever comes next may have it at once.
            free.release();
            store.letGo(lease, clock.instant(), clock.instant());
        }
    }

    private Duration untilNextDue() {
        Duration pause = store.nextDue(types.keySet())
                .map(next -> Duration.between(clock.instant(), next))
                .orElse(LOOK_AT_LEAST_EVERY);
        if (pause.compareTo(LOOK_AT_MOST_EVERY) < 0) {
            return LOOK_AT_MOST_EVERY;
        }
        return pause.compareTo(LOOK_AT_LEAST_EVERY) < 0 ? pause : LOOK_AT_LEAST_EVERY;
    }

    private void renewLeases() throws InterruptedException {
        closing.await(0, config.lease().dividedBy(3));
        List<UUID> held = List.copyOf(running);
        if (!held.isEmpty()) {
            renew(held);
        }
    }

    private void renew(List<UUID> held) {
        try {
            store.renew(config.owner(), held, clock.instant(), config.lease());
        } catch (DatabaseException e) {
            LOG.warn("leases could not be renewed jobs={} reason=\"{}\"", held.size(), e.getMessage());
        }
    }

    private Optional<Lease> take() {
        return store.take(
                config.owner(), types.keySet(), List.copyOf(running), clock.instant(), config.lease());
    }

    private void run(Lease lease) {
        running.add(lease.job().value());
        try {
            new JobRun(store, types, clock, config.backoff(), lease).run();
        } catch (Lease.Lost e) {
            LOG.warn("job was taken over by another runner job={}", lease.job());
        } catch (DatabaseException e) {
            LOG.warn("job could not be written and goes on when its lease has lapsed job={} reason=\"{}\"",
                    lease.job(), e.getMessage());
        } finally {
            running.remove(lease.job().value());
            signal.raise();
        }
    }

}
