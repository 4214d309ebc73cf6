-- What was answered to requests that began a job, so that they may be repeated. Owned by org.understudy.vault.audit.AuditStore.
create table begun_request (
    key     uuid primary key,
    caller  text        not null,
    request text        not null,
    answer  text        not null,
    at      timestamptz not null
);
comment on table begun_request is 'kept for a day: the same request under the same key is answered with the job that it began';
