package org.understudy.workflow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.understudy.model.Failure;
import org.understudy.model.JobId;
import org.understudy.workflow.sql.Database;
import org.understudy.workflow.sql.JsonColumn;

/**
 * The tables {@code job} and {@code job_step}, and all SQL on them that a runner needs; what people ask is in
 * {@link JobCatalog}. Each method is one transaction, or part of the thread's own.
 */
public final class JobStore {
    private final Database database;
    private final JobCatalog catalog;

    public JobStore(Database database) {
        this.database = database;
        this.catalog = new JobCatalog(database);
    }

    Database database() {
        return database;
    }

    /** A job by its id. */
    public Optional<Job> find(JobId job) {
        return catalog.find(job);
    }

    JobCatalog catalog() {
        return catalog;
    }

    /** Writes a new job; false, and nothing written, if one is active on its target. */
    boolean insert(Job job, Instant now) {
        return database.transact(() -> {
            int inserted = database.update(
                    """
                    insert into job (id, type, target_kind, target_id, target_name, started_by, input, notes, state,
                                     created_at, due_at)
                    values (?, ?, ?, ?, ?, ?, ?, ?, 'NOT_STARTED', ?, ?)
                    on conflict (target_kind, target_id)
                        where state in ('NOT_STARTED', 'IN_PROGRESS', 'SUSPENDED', 'CANCELLING') do nothing
                    """,
                    job.id().value(), job.type(), job.target().kind(), job.target().id(), job.target().name(),
                    job.startedBy(), JsonColumn.of(job.input(), JobCatalog.FORMAT),
                    JsonColumn.of(job.notes(), JobCatalog.FORMAT), now, now);
            if (inserted == 0) {
                return false;
            }
            for (int ordinal = 0; ordinal < job.steps().size(); ordinal++) {
                JobStep step = job.steps().get(ordinal);
                database.update(
                        """
                        insert into job_step (job, ordinal, id, name, cancellable, state)
                        values (?, ?, ?, ?, ?, 'NOT_STARTED')
                        """,
                        job.id().value(), ordinal, step.id(), step.name(), step.cancellable());
            }
            return true;
        });
    }

    /**
     * Takes the job of these types that has been due longest, or whose runner has not renewed its lease.
     *
     * @param running what the owner runs itself: a clock that jumped makes none of it anybody's
     */
    Optional<Lease> take(
            String owner, Collection<String> types, Collection<UUID> running, Instant now, Duration lease) {
        return database.first(
                """
                update job set lease_owner = ?, lease_until = ?, heartbeat_at = ?, generation = generation + 1,
                    started_at = coalesce(started_at, ?),
                    state = case when state = 'NOT_STARTED' then 'IN_PROGRESS' else state end
                where id = (
                    select id from job
                    where ended_at is null and type = any (?)
                      and (lease_owner is null and due_at <= ? or lease_until < ?) and not id = any (?)
                    order by due_at limit 1
                    for update skip locked)
                returning id, generation, signals
                """,
                row -> new Lease(new JobId(row.uuid("id")), owner, row.number("generation"), row.number("signals")),
                owner, now.plus(lease), now, now, types, now, now, running);
    }

    /** When a job becomes due, or a lease lapses, next; empty when nothing is to be done. */
    Optional<Instant> nextDue(Collection<String> types) {
        return database.query(
                """
                select min(case when lease_owner is null then due_at else lease_until end) as next
                from job where ended_at is null and type = any (?)
                """,
                row -> row.optionalInstant("next"), types).getFirst();
    }

    /** Holds on to jobs that still run. Those taken over meanwhile stay taken over. */
    void renew(String owner, Collection<UUID> jobs, Instant now, Duration lease) {
        database.update(
                "update job set lease_until = ?, heartbeat_at = ? where id = any (?) and lease_owner = ?",
                now.plus(lease), now, jobs, owner);
    }

    /**
     * Frees what runners before left, so that it goes on at once and not when their leases lapse. Only for who knows
     * that no other runner of this database is alive.
     */
    public int takeOverAll(Instant now) {
        return database.update(
                """
                update job set lease_owner = null, lease_until = null, due_at = ?
                where ended_at is null and lease_owner is not null
                """,
                now);
    }

    /**
     * Begins the current step's run. A request to cancel that came too late, for this step is carried through once it
     * is begun, is over by that. It is a new attempt unless it goes on from a signal or a kill.
     */
    Lease begin(Lease lease, int step, Instant now) {
        return database.transact(() -> {
            long signals = signals(lease);
            int tooLate = database.update(
                    """
                    update job set state = 'IN_PROGRESS' where id = ? and state = 'CANCELLING'
                      and exists (select 1 from job_step s where s.job = job.id and s.ordinal = ? and not s.cancellable)
                    """,
                    lease.job().value(), step);
            if (tooLate > 0) {
                database.update("update job_step set note = ? where job = ? and ordinal = ?",
                        "the request to cancel came too late", lease.job().value(), step);
            }
            database.update(
                    """
                    update job_step set state = 'IN_PROGRESS', started_at = coalesce(started_at, ?), ended_at = null,
                        attempt = attempt
                            + case when state = 'NOT_STARTED' or next_attempt_at is not null then 1 else 0 end,
                        next_attempt_at = null
                    where job = ? and ordinal = ?
                    """,
                    now, lease.job().value(), step);
            return lease.withSignals(signals);
        });
    }

    void progress(Lease lease, int step, int percent, String note) {
        database.transact(() -> {
            signals(lease);
            database.update(
                    "update job_step set percent = ?, note = ? where job = ? and ordinal = ?",
                    Math.clamp(percent, 0, 100), note, lease.job().value(), step);
        });
    }

    void keepNotes(Lease lease, ObjectNode notes) {
        hold(lease, database.update(
                "update job set notes = ? where id = ? and lease_owner = ? and generation = ?",
                JsonColumn.of(notes, JobCatalog.FORMAT), lease.job().value(), lease.owner(), lease.generation()));
    }

    /** The step is done or was skipped; the job stands in the next one. */
    void advance(Lease lease, int step, JobState how, Optional<String> note, Instant now) {
        database.transact(() -> {
            hold(lease, database.update(
                    "update job set step = step + 1 where id = ? and lease_owner = ? and generation = ? and step = ?",
                    lease.job().value(), lease.owner(), lease.generation(), step));
            endStep(lease, step, how, note, now);
        });
    }

    /** The last step is done: the job succeeded. */
    void succeed(Lease lease, int step, JobState how, Optional<String> note, Instant now) {
        database.transact(() -> {
            end(lease, JobState.SUCCEEDED, Optional.empty(), now);
            endStep(lease, step, how, note, now);
        });
    }

    /** The job failed in this step. */
    void fail(Lease lease, int step, Failure failure, Instant now) {
        database.transact(() -> {
            end(lease, JobState.FAILED, Optional.of(failure), now);
            database.update(
                    """
                    update job_step set state = 'FAILED', ended_at = ?, next_attempt_at = null, failure = ?
                    where job = ? and ordinal = ?
                    """,
                    now, JsonColumn.of(failure), lease.job().value(), step);
        });
    }

    /** The job was cancelled before it went beyond this step. */
    void cancelled(Lease lease, int step, Failure why, Instant now) {
        database.transact(() -> {
            end(lease, JobState.CANCELLED, Optional.of(why), now);
            database.update(
                    """
                    update job_step set state = 'CANCELLED', ended_at = ?, next_attempt_at = null
                    where job = ? and ordinal = ?
                    """,
                    now, lease.job().value(), step);
        });
    }

    /** Lets go of the job until a signal later than those seen, or until the instant given. */
    void waitForSignal(Lease lease, Optional<Instant> lookAgainAt, Instant now) {
        hold(lease, database.update(
                """
                update job set lease_owner = null, lease_until = null,
                    due_at = case when signals > ? or state = 'CANCELLING' then ? else ?::timestamptz end
                where id = ? and lease_owner = ? and generation = ?
                """,
                lease.signals(), now, lookAgainAt, lease.job().value(), lease.owner(), lease.generation()));
    }

    /** Lets go of the job until the next attempt of its step. */
    void retry(Lease lease, int step, StepOutcome.RetryAt retry, Instant now) {
        database.transact(() -> {
            letGo(lease, retry.when(), now);
            database.update(
                    "update job_step set next_attempt_at = ?, failure = ? where job = ? and ordinal = ?",
                    retry.when(), JsonColumn.of(retry.why()), lease.job().value(), step);
        });
    }

    /** Lets go of the job without having run its step: tried again, as the same attempt. */
    void letGo(Lease lease, Instant dueAt, Instant now) {
        hold(lease, database.update(
                """
                update job set lease_owner = null, lease_until = null,
                    due_at = case when state = 'CANCELLING' then ? else ? end
                where id = ? and lease_owner = ? and generation = ?
                """,
                now, dueAt, lease.job().value(), lease.owner(), lease.generation()));
    }

    /** Lets go of the job until a person resumes it. */
    void suspend(Lease lease, int step, String prompt, Instant now) {
        database.transact(() -> {
            hold(lease, database.update(
                    """
                    update job set lease_owner = null, lease_until = null,
                        due_at = case when state = 'CANCELLING' then ?::timestamptz end,
                        state = case when state = 'CANCELLING' then state else 'SUSPENDED' end
                    where id = ? and lease_owner = ? and generation = ?
                    """,
                    now, lease.job().value(), lease.owner(), lease.generation()));
            database.update(
                    "update job_step set state = 'SUSPENDED', note = ? where job = ? and ordinal = ?",
                    prompt, lease.job().value(), step);
        });
    }

    private void end(Lease lease, JobState state, Optional<Failure> failure, Instant now) {
        hold(lease, database.update(
                """
                update job set state = ?, failure = ?::jsonb, ended_at = ?, due_at = null, lease_owner = null,
                    lease_until = null
                where id = ? and lease_owner = ? and generation = ?
                """,
                state, failure.map(JsonColumn::of), now, lease.job().value(), lease.owner(), lease.generation()));
    }

    private void endStep(Lease lease, int step, JobState how, Optional<String> note, Instant now) {
        database.update(
                """
                update job_step set state = ?, ended_at = ?, percent = 100, failure = null, note = coalesce(?, note)
                where job = ? and ordinal = ?
                """,
                how, now, note, lease.job().value(), step);
    }

    private long signals(Lease lease) {
        return database.first(
                "select signals from job where id = ? and lease_owner = ? and generation = ? for update",
                row -> row.number("signals"), lease.job().value(), lease.owner(), lease.generation())
                .orElseThrow(() -> new Lease.Lost(lease));
    }

    private static void hold(Lease lease, int rows) {
        if (rows == 0) {
            throw new Lease.Lost(lease);
        }
    }
}
