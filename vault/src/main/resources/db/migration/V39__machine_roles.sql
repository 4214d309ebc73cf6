-- Which role each host believes that a VM has there, as it told last. Owned by org.understudy.vault.item.HeldRoleStore.
create table held_role (
    host        uuid        not null references host (id) on delete cascade,
    vm          uuid        not null,
    held        jsonb       not null,
    -- When it was told first, and when last: the vault's clock.
    told_at     timestamptz not null,
    reported_at timestamptz not null,
    primary key (host, vm)
);
create index held_role_vm on held_role (vm);
