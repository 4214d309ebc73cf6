-- Test failovers that were cleaned up, for whoever must show that they were made, and what came of them. Owned by
-- org.understudy.vault.item.TestFailoverStore, which keeps the newest of each item.
create table ended_test (
    job        uuid primary key,
    item       uuid        not null references protected_item (id) on delete cascade,
    vm_name    text        not null,
    network    text        not null,
    point      jsonb,
    started_at timestamptz,
    ended_at   timestamptz not null,
    ended_by   text        not null,
    notes      text        not null
);
create index ended_test_item on ended_test (item, ended_at);
