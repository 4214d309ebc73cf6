alter table protected_item add column told text;
comment on column protected_item.told is 'the settings and addresses that both agents were told last; told again when others hold';
