package org.understudy.workflow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.JobId;
import org.understudy.workflow.sql.Database;
import org.understudy.workflow.sql.JsonColumn;

/**
 * The front door of the jobs: start, look, cancel, restart, resume, signal. What it returns is durable, or will be with
 * the caller's own {@link Database#transact transaction}, and the runner is woken after that. Safe for many threads.
 */
public final class Jobs {
    private final JobStore store;
    private final JobSignal signal;
    private final Clock clock;

    public Jobs(JobStore store, JobSignal signal, Clock clock) {
        this.store = store;
        this.signal = signal;
        this.clock = clock;
    }

    /**
     * Starts a job, or throws OPERATION_IN_PROGRESS naming the job that is active on the target (P-50).
     *
     * @param input a record; what {@link StepContext#input} gives to the steps
     */
    public Job start(JobType type, JobTarget target, Object input, String startedBy) {
        Instant now = clock.instant();
        List<JobStep> steps = type.steps().stream()
                .map(step -> new JobStep(step.id(), step.name(), step.cancellable(), JobState.NOT_STARTED, 0,
                        Optional.empty(), Optional.empty(), Optional.empty(), 0, Optional.empty(), Optional.empty()))
                .toList();
        ObjectNode notes = JsonColumn.mapper().createObjectNode();
        Job job = new Job(JobId.random(), type.name(), target, startedBy, JsonColumn.mapper().valueToTree(input), notes,
                JobState.NOT_STARTED, 0, steps, Optional.empty(), now, Optional.empty(), Optional.empty(), Set.of());
        // The job in the way may end between the two looks; then the target is free.
        while (!store.insert(job, now)) {
            store.catalog().active(target).ifPresent(active -> {
                throw inProgress(active);
            });
        }
        store.database().afterCommit(signal::raise);
        return get(job.id());
    }

    /**
     * Starts a job like {@link #start}, in place of the one that is active on the target if that gives way. It gives
     * way when {@code which} holds and it stands in a step in which it may be cancelled; it ends as cancelled within
     * the same transaction, and a run of it that is under way writes nothing more.
     */
    public Job startInPlaceOf(
            Predicate<Job> which, JobType type, JobTarget target, Object input, String startedBy) {
        return store.database().transact(() -> {
            giveWay(target, which);
            return start(type, target, input, startedBy);
        });
    }

    /** As {@link #giveWay(JobTarget, Predicate, Function)}, with nothing to say of what it leaves. */
    public void giveWay(JobTarget target, Predicate<Job> which) {
        giveWay(target, which, job -> FailureException.of(FailureCode.CANCELLED,
                job.type() + " on " + target.name() + " gave way to what somebody asked for").failure());
    }

    /**
     * Ends the job that is active on the target as cancelled, at once, if {@code which} holds and its step allows. What
     * its type does at an end is not done: whoever takes its place decides what becomes of what it left.
     *
     * @param why what people read of its end: who took its place, and what it left
     */
    public void giveWay(JobTarget target, Predicate<Job> which, Function<Job, Failure> why) {
        store.catalog().lockActive(target)
                .filter(job -> job.step().cancellable() && which.test(job))
                .ifPresent(job -> store.catalog().cancelNow(job, why.apply(job), clock.instant()));
    }

    public Optional<Job> find(JobId job) {
        return store.find(job);
    }

    /** The job, or NOT_FOUND. */
    public Job get(JobId job) {
        return store.find(job).orElseThrow(
                () -> FailureException.of(FailureCode.NOT_FOUND, "there is no job " + job + " in this vault"));
    }

    /** Newest first. */
    public List<Job> list(JobFilter filter) {
        return store.catalog().list(filter);
    }

    /** The job that is active on a target. */
    public Optional<Job> activeOn(JobTarget target) {
        return store.catalog().active(target);
    }

    public int countActive() {
        return store.catalog().countActive();
    }

    /** Cancels the job if it stands in a step where that is safe; it ends as cancelled a moment later. */
    public Job cancel(JobId id) {
        return change(id, JobAction.CANCEL, job -> store.catalog().requestCancel(id, clock.instant()));
    }

    /** Begins a failed or cancelled job again at the step it ended in. */
    public Job restart(JobId id) {
        return restart(id, job -> {});
    }

    /** The same; {@code check} throws if going on makes no sense any more; nothing changes between it and this. */
    public Job restart(JobId id, Consumer<Job> check) {
        return change(id, JobAction.RESTART, job -> {
            check.accept(job);
            store.catalog().restart(id, clock.instant());
        });
    }

    /** Throws OPERATION_IN_PROGRESS naming the job that is active on the target, if one is (P-50). */
    public void requireNoneActive(JobTarget target) {
        store.catalog().active(target).ifPresent(active -> {
            throw inProgress(active);
        });
    }

    /** Lets a suspended job go on; its waiting step finds the comment under {@code comment} in the notes. */
    public Job resume(JobId id, String comment) {
        return resume(id, comment, job -> {});
    }

    /** The same; {@code check} throws if it is not for this caller to let it go on. */
    public Job resume(JobId id, String comment, Consumer<Job> check) {
        return change(id, JobAction.RESUME, job -> {
            check.accept(job);
            store.catalog().resume(id, job.notes().put("comment", comment), clock.instant());
        });
    }

    /** Something that the job may be waiting for has happened: its current step runs again. Unknown ids are ignored. */
    public void signal(JobId job) {
        store.catalog().signal(job, clock.instant());
        store.database().afterCommit(signal::raise);
    }

    /** Deletes jobs that ended longer ago than that; tells how many. */
    public int forgetEnded(Duration longerAgo) {
        return store.catalog().deleteEndedBefore(clock.instant().minus(longerAgo));
    }

    private interface Change {
        void apply(Job job);
    }

    private Job change(JobId id, JobAction action, Change change) {
        return store.database().transact(() -> {
            // The lock comes first: what is allowed is decided on what stands still.
            store.database().query("select 1 from job where id = ? for update", row -> 1, id.value());
            Job job = get(id);
            if (!job.allowedActions().contains(action)) {
                throw forbidden(job, action);
            }
            change.apply(job);
            store.database().afterCommit(signal::raise);
            return get(id);
        });
    }

    private static FailureException forbidden(Job job, JobAction action) {
        String allowed = job.allowedActions().isEmpty()
                ? "nothing can be asked of it now"
                : "allowed now: " + String.join(", ", job.allowedActions().stream().map(Jobs::word).sorted().toList());
        return FailureException.of(FailureCode.STATE_FORBIDS,
                "%s is not allowed for job %s (%s), which is %s in step \"%s\"; %s".formatted(word(action), job.id(),
                        job.type(), word(job.state()), job.step().name(), allowed));
    }

    private static String word(Enum<?> word) {
        return word.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static FailureException inProgress(Job active) {
        return FailureException.of(FailureCode.OPERATION_IN_PROGRESS,
                "An operation is in progress: %s (job %s) on %s, started %s".formatted(active.type(), active.id(),
                        active.target().name(), active.startedAt().orElse(active.createdAt())));
    }
}
