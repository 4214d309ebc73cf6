-- What hosts reported last. Owned by org.understudy.vault.inventory.InventoryStore.
create table machine (
    host        uuid        not null references host (id) on delete cascade,
    vm          uuid        not null,
    name        text        not null,
    description jsonb       not null,
    reported_at timestamptz not null,
    primary key (host, vm)
);
create index machine_vm on machine (vm);
create index machine_name on machine (name);

create table network (
    host        uuid  not null references host (id) on delete cascade,
    name        text  not null,
    description jsonb not null,
    primary key (host, name)
);

-- Network mappings (N-01). Owned by org.understudy.vault.network.NetworkMappingStore.
create table network_mapping (
    id             uuid primary key,
    source_site    uuid   not null references site (id),
    source_network text   not null,
    target_site    uuid   not null references site (id),
    target_network text   not null,
    version        bigint not null default 1,
    constraint network_mapping_source unique (source_site, source_network, target_site)
);
