-- What each host's agent found when it looked at its host. Owned by org.understudy.vault.fleet.HostStore.
alter table host add column facts jsonb not null default '{"facts": []}';
