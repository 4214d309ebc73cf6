-- When an agent took a command. Owned by org.understudy.vault.fleet.CommandQueue.
alter table command add column taken_at timestamptz;
comment on column command.taken_at is 'from then on it may run at the host, until it has ended; empty of those taken by earlier versions';
