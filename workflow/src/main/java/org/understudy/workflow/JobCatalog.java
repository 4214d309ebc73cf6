package org.understudy.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.understudy.model.Failure;
import org.understudy.model.JobId;
import org.understudy.workflow.sql.Database;
import org.understudy.workflow.sql.JsonColumn;
import org.understudy.workflow.sql.Row;

/** Jobs as they are shown, and what people may ask of one: the reading half of the job tables and the requests. */
final class JobCatalog {
    /** A job is the newest of its target unless a later one exists; only the newest can be restarted. */
    private static final String SELECT =
            """
            select j.*, not exists (select 1 from job later where later.target_kind = j.target_kind
                and later.target_id = j.target_id and later.number > j.number) as newest
            from job j
            """;

    /** Of inputs and notes; see docs/formats/versions.md. */
    static final int FORMAT = 1;

    private final Database database;

    JobCatalog(Database database) {
        this.database = database;
    }

    Optional<Job> find(JobId job) {
        return read(SELECT + "where j.id = ?", job.value()).stream().findFirst();
    }

    /** The job that is active on a target. */
    Optional<Job> active(JobTarget target) {
        return read(SELECT + "where j.ended_at is null and j.target_kind = ? and j.target_id = ?",
                target.kind(), target.id()).stream().findFirst();
    }

    /** The same, which stays as it is until the transaction ends. */
    Optional<Job> lockActive(JobTarget target) {
        return database.first("""
                select id from job where ended_at is null and target_kind = ? and target_id = ? for update
                """, row -> new JobId(row.uuid("id")), target.kind(), target.id()).flatMap(this::find);
    }

    /** Ends it as cancelled whoever runs it: that one has lost its lease, and does nothing at its end. */
    void cancelNow(Job job, Failure why, Instant now) {
        database.update(
                """
                update job set state = 'CANCELLED', failure = ?::jsonb, ended_at = ?, due_at = null, lease_owner = null,
                    lease_until = null, generation = generation + 1
                where id = ? and ended_at is null
                """,
                JsonColumn.of(why), now, job.id().value());
        database.update(
                """
                update job_step set state = 'CANCELLED', ended_at = ?, next_attempt_at = null
                where job = ? and ordinal = ?
                """,
                now, job.id().value(), job.currentStep());
    }

    /** Newest first. */
    List<Job> list(JobFilter filter) {
        return read(SELECT + """
                where (?::text is null or j.target_id = ?) and (not ? or j.ended_at is null)
                order by j.number desc limit ?
                """,
                filter.targetId(), filter.targetId(), filter.activeOnly(), filter.atMost());
    }

    int countActive() {
        return Math.toIntExact(database.first(
                "select count(*) as jobs from job where ended_at is null", row -> row.number("jobs")).orElseThrow());
    }

    /** Something that the job may wait for has happened. */
    void signal(JobId job, Instant now) {
        database.update(
                """
                update job set signals = signals + 1, due_at = case when lease_owner is null then ? else due_at end
                where id = ? and ended_at is null and state <> 'SUSPENDED'
                  and not exists (select 1 from job_step s
                      where s.job = job.id and s.ordinal = job.step and s.next_attempt_at is not null)
                """,
                now, job.value());
    }

    void requestCancel(JobId job, Instant now) {
        database.update(
                """
                update job set state = 'CANCELLING', signals = signals + 1,
                    due_at = case when lease_owner is null then ? else due_at end
                where id = ? and ended_at is null
                """,
                now, job.value());
    }

    void resume(JobId job, ObjectNode notes, Instant now) {
        database.update("update job_step set state = 'IN_PROGRESS', note = null where job = ? and state = 'SUSPENDED'",
                job.value());
        database.update(
                "update job set state = 'IN_PROGRESS', due_at = ?, notes = ? where id = ? and state = 'SUSPENDED'",
                now, JsonColumn.of(notes, FORMAT), job.value());
    }

    /** Begins a failed or cancelled job again at the step it ended in; what the steps before it did stays. */
    void restart(JobId job, Instant now) {
        database.update(
                """
                update job_step set state = 'NOT_STARTED', ended_at = null, started_at = null, next_attempt_at = null,
                    failure = null, note = null, percent = 0
                where job = ? and state in ('FAILED', 'CANCELLED')
                """,
                job.value());
        database.update(
                """
                update job set state = 'NOT_STARTED', failure = null, ended_at = null, due_at = ?
                where id = ? and state in ('FAILED', 'CANCELLED')
                """,
                now, job.value());
    }

    int deleteEndedBefore(Instant time) {
        return database.update("delete from job where ended_at < ?", time);
    }

    private List<Job> read(String sql, Object... parameters) {
        return database.transact(() -> {
            List<Head> heads = database.query(sql, JobCatalog::head, parameters);
            Map<UUID, List<JobStep>> steps = new LinkedHashMap<>();
            heads.forEach(head -> steps.put(head.id(), new ArrayList<>()));
            database.query(
                    "select * from job_step where job = any (?) order by job, ordinal",
                    row -> steps.get(row.uuid("job")).add(step(row)), steps.keySet());
            return heads.stream().map(head -> head.with(steps.get(head.id()))).toList();
        });
    }

    private record Head(UUID id, int step, JobState state, boolean newest, JobParts parts) {
        Job with(List<JobStep> steps) {
            return new Job(new JobId(id), parts.type(), parts.target(), parts.startedBy(), parts.input(), parts.notes(),
                    state, step, steps, parts.failure(), parts.createdAt(), parts.startedAt(), parts.endedAt(),
                    allowed(state, newest, steps.get(step)));
        }
    }

    private record JobParts(
            String type, JobTarget target, String startedBy, JsonNode input, ObjectNode notes,
            Optional<Failure> failure, Instant createdAt, Optional<Instant> startedAt, Optional<Instant> endedAt) {}

    private static Head head(Row row) {
        JobTarget target = new JobTarget(row.text("target_kind"), row.text("target_id"), row.text("target_name"));
        return new Head(row.uuid("id"), row.integer("step"), row.word("state", JobState.class), row.flag("newest"),
                new JobParts(row.text("type"), target, row.text("started_by"),
                        row.json("input", JsonNode.class, FORMAT),
                        row.json("notes", ObjectNode.class, FORMAT), row.optionalJson("failure", Failure.class),
                        row.instant("created_at"), row.optionalInstant("started_at"), row.optionalInstant("ended_at")));
    }

    private static JobStep step(Row row) {
        return new JobStep(row.text("id"), row.text("name"), row.flag("cancellable"), row.word("state", JobState.class),
                row.integer("attempt"), row.optionalInstant("started_at"), row.optionalInstant("ended_at"),
                row.optionalInstant("next_attempt_at"), row.integer("percent"), row.optionalText("note"),
                row.optionalJson("failure", Failure.class));
    }

    private static Set<JobAction> allowed(JobState state, boolean newest, JobStep step) {
        Set<JobAction> allowed = EnumSet.noneOf(JobAction.class);
        boolean active = state == JobState.NOT_STARTED || state == JobState.IN_PROGRESS || state == JobState.SUSPENDED;
        if (active && step.cancellable()) {
            allowed.add(JobAction.CANCEL);
        }
        if (state == JobState.SUSPENDED) {
            allowed.add(JobAction.RESUME);
        }
        if (newest && (state == JobState.FAILED || state == JobState.CANCELLED)) {
            allowed.add(JobAction.RESTART);
        }
        return allowed;
    }
}
