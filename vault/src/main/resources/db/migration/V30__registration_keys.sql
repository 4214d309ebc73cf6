-- A registration key lets so many hosts join, is made for one host or for new names alone, and can be revoked.
-- Keys from before are good for one host more.
alter table registration_key
    add column host       uuid references host (id) on delete cascade,
    add column hosts_max  integer not null default 1 check (hosts_max between 1 and 100),
    add column hosts_used integer not null default 0,
    add column used_at    timestamptz,
    add column revoked_at timestamptz;
comment on column registration_key.host is 'the one registered host that may be set up anew with it; null: for new names alone';

-- A host that was set up anew, until a person has confirmed that it is still the same machine. Its new address is told
-- to nobody before. Owned by org.understudy.vault.fleet.HostStore.
create table host_anew (
    host                uuid primary key references host (id) on delete cascade,
    at                  timestamptz not null,
    peer                text        not null,
    replication_address text        not null,
    replication_port    integer     not null check (replication_port between 1 and 65535)
);
