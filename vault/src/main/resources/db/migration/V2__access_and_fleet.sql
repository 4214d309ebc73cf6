-- This vault itself: one row. Owned by org.understudy.vault.access.VaultIdentity.
create table vault (
    id         uuid primary key,
    name       text        not null,
    created_at timestamptz not null,
    only_row   boolean     not null default true unique check (only_row)
);

-- Bearer tokens of the REST interface, hashed. Owned by org.understudy.vault.access.TokenStore.
create table access_token (
    name       text primary key,
    role       text        not null check (role in ('READER', 'OPERATOR', 'CONTRIBUTOR', 'ADMINISTRATOR')),
    hash       bytea       not null unique,
    created_at timestamptz not null,
    created_by text        not null
);

-- Registration keys (V-03), hashed. Owned by org.understudy.vault.access.RegistrationKeyStore.
create table registration_key (
    id         uuid primary key,
    hash       bytea       not null,
    site       text,
    created_at timestamptz not null,
    created_by text        not null,
    expires_at timestamptz not null
);

-- Hosts: hypervisors with an agent. Owned by org.understudy.vault.fleet.HostStore.
create table host (
    id                  uuid primary key,
    name                text        not null,
    replication_address text        not null,
    replication_port    integer     not null check (replication_port between 1 and 65535),
    agent_version       text        not null,
    certificate         text        not null,
    registered_at       timestamptz not null,
    last_seen_at        timestamptz,
    constraint host_name unique (name)
);
comment on column host.certificate is 'SHA-256 of the one certificate that is good for this host, in hexadecimal';

-- What agents are asked, and what came of it. Owned by org.understudy.vault.fleet.CommandQueue.
create table command (
    id        text primary key,
    number    bigint generated always as identity unique,
    job       uuid        not null references job (id) on delete cascade,
    host      uuid        not null references host (id) on delete cascade,
    command   jsonb       not null,
    state     text        not null check (state in ('ISSUED', 'ENDED')),
    outcome   jsonb,
    issued_at timestamptz not null,
    ended_at  timestamptz
);
create index command_waiting on command (host, number) where state = 'ISSUED';
create index command_job on command (job);

-- Who did or tried what. Owned by org.understudy.vault.audit.AuditStore.
create table audit (
    id      bigint generated always as identity primary key,
    at      timestamptz not null,
    actor   text        not null,
    action  text        not null,
    object  text,
    outcome text        not null,
    details text
);
create index audit_at on audit (at);
