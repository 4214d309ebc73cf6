-- What a host's agent says it has, when that was so last. Owned by org.understudy.vault.fleet.HostStore.
alter table host add column inventory_digest text;
alter table host add column inventory_at timestamptz;
comment on column host.inventory_digest is 'the agent''s short word for the inventory that is kept in machine and network';
comment on column host.inventory_at is 'when the agent said last that it has this inventory';

-- By these a host's report finds its items.
create index protected_item_source on protected_item (source_host);
create index protected_item_target on protected_item (target_host);
create index protected_item_pair on protected_item (pair);
create index protected_item_name on protected_item (name);
create index command_host on command (host);
