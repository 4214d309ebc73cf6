-- A job: one operation on one target, in named steps. Owned by org.understudy.workflow.JobStore.
create table job (
    id           uuid primary key,
    number       bigint generated always as identity unique,
    type         text        not null,
    target_kind  text        not null,
    target_id    text        not null,
    target_name  text        not null,
    started_by   text        not null,
    input        jsonb       not null,
    notes        jsonb       not null default '{}',
    state        text        not null check (state in
        ('NOT_STARTED', 'IN_PROGRESS', 'SUCCEEDED', 'FAILED', 'CANCELLED', 'SUSPENDED', 'CANCELLING')),
    step         integer     not null default 0,
    failure      jsonb,
    created_at   timestamptz not null,
    started_at   timestamptz,
    ended_at     timestamptz,
    due_at       timestamptz,
    signals      bigint      not null default 0,
    lease_owner  text,
    lease_until  timestamptz,
    heartbeat_at timestamptz,
    generation   bigint      not null default 0
);
comment on column job.step is 'ordinal of the current step';
comment on column job.due_at is 'when the current step runs next; null while it waits for a signal or a person';
comment on column job.signals is 'how often something the job may wait for has happened; no signal is lost between look and wait';
comment on column job.generation is 'counts the leases; a deposed runner writes nothing any more';

-- P-50: one active operation per object.
create unique index job_active_target on job (target_kind, target_id)
    where state in ('NOT_STARTED', 'IN_PROGRESS', 'SUSPENDED', 'CANCELLING');
create index job_due on job (due_at) where ended_at is null;
create index job_target on job (target_kind, target_id, number);
create index job_ended on job (ended_at);

create table job_step (
    job             uuid    not null references job (id) on delete cascade,
    ordinal         integer not null,
    id              text    not null,
    name            text    not null,
    cancellable     boolean not null,
    state           text    not null check (state in
        ('NOT_STARTED', 'IN_PROGRESS', 'SUCCEEDED', 'FAILED', 'CANCELLED', 'SUSPENDED', 'SKIPPED')),
    attempt         integer not null default 0,
    started_at      timestamptz,
    ended_at        timestamptz,
    next_attempt_at timestamptz,
    percent         integer not null default 0 check (percent between 0 and 100),
    note            text,
    failure         jsonb,
    primary key (job, ordinal),
    unique (job, id)
);
