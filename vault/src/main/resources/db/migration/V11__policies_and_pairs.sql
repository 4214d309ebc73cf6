-- Replication policies. Owned by org.understudy.vault.policy.PolicyStore.
create table policy (
    id                           uuid primary key,
    name                         text    not null,
    copy_frequency_seconds       integer not null check (copy_frequency_seconds between 1 and 900),
    standard_points              integer not null check (standard_points between 0 and 24),
    recent_window_seconds        bigint  not null check (recent_window_seconds between 0 and 1296000),
    application_consistent_hours integer not null check (application_consistent_hours between 0 and 12),
    compression                  boolean not null,
    delete_replica               boolean not null,
    version                      bigint  not null default 1,
    constraint policy_name unique (name)
);

-- Cloud pairs. Owned by org.understudy.vault.policy.CloudPairStore.
create table cloud_pair (
    id      uuid primary key,
    name    text   not null,
    source  uuid   not null references cloud (id),
    target  uuid   not null references cloud (id),
    policy  uuid   not null references policy (id),
    version bigint not null default 1,
    constraint cloud_pair_name unique (name),
    check (source <> target)
);

-- P-14: a cloud is in one pair at most, be it as source or as target.
create table cloud_pair_member (
    cloud uuid not null references cloud (id),
    pair  uuid not null references cloud_pair (id) on delete cascade,
    constraint cloud_pair_member_cloud primary key (cloud)
);
