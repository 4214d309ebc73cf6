-- Sites, and which host belongs to which. Owned by org.understudy.vault.inventory.SiteStore.
create table site (
    id      uuid primary key,
    name    text   not null,
    version bigint not null default 1,
    constraint site_name unique (name)
);

create table host_site (
    host uuid primary key references host (id) on delete cascade,
    site uuid not null references site (id)
);

-- Clouds: named sets of hosts of one site; a host is in one at most. Owned by org.understudy.vault.inventory.CloudStore.
create table cloud (
    id      uuid primary key,
    name    text   not null,
    site    uuid   not null references site (id),
    version bigint not null default 1,
    constraint cloud_name unique (name)
);

create table cloud_host (
    host  uuid primary key references host (id) on delete cascade,
    cloud uuid not null references cloud (id) on delete cascade
);
