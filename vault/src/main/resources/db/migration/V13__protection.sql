-- Protected items. Owned by org.understudy.vault.protection.ProtectedItemStore.
create table protected_item (
    id          uuid primary key,
    vm          uuid        not null,
    name        text        not null,
    disks       jsonb       not null,
    adapters    jsonb       not null,
    pair        uuid        not null references cloud_pair (id),
    source_host uuid        not null references host (id),
    target_host uuid        not null references host (id),
    generation  bigint      not null check (generation >= 1),
    state       text        not null,
    state_facts jsonb       not null,
    version     bigint      not null,
    created_at  timestamptz not null,
    changed_at  timestamptz not null,
    last_test   timestamptz,
    constraint protected_item_vm unique (vm)
);
comment on column protected_item.state_facts is 'the state with its fields, as org.understudy.vault.protection.ProtectionState';
comment on column protected_item.last_test is 'end of the last test failover that succeeded together with its clean-up (HL-10)';

-- What the two agents of an item reported last. Owned by org.understudy.vault.protection.ProgressStore.
create table item_progress (
    item               uuid primary key references protected_item (id) on delete cascade,
    source_report      jsonb,
    source_reported_at timestamptz,
    target_report      jsonb,
    target_reported_at timestamptz
);

-- Test failovers that exist. Owned by org.understudy.vault.failover.TestFailoverStore.
create table test_failover (
    item       uuid primary key references protected_item (id) on delete cascade,
    job        uuid        not null,
    phase      text        not null,
    vm_name    text        not null,
    network    text        not null,
    point      jsonb,
    started_at timestamptz
);
