-- Old copies of VMs whose items ended while their host was away: told to it when it is back, then deleted.
-- Owned by org.understudy.vault.item.HeldRoleStore.
create table left_behind (
    host      uuid        not null references host (id) on delete cascade,
    vm        uuid        not null,
    item      uuid        not null,
    name      text        not null,
    -- The host on which the VM runs since its failover.
    elsewhere text        not null,
    since     timestamptz not null,
    primary key (host, vm)
);
