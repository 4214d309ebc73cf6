-- The directions of protected items: of each item one that is current, and those before it, which have ended. Owned by
-- org.understudy.vault.item.ProtectedItemStore; the reports by org.understudy.vault.item.ProgressStore.
create table relationship (
    item               uuid        not null references protected_item (id) on delete cascade,
    generation         bigint      not null check (generation >= 1),
    source_host        uuid        references host (id) on delete set null,
    target_host        uuid        references host (id) on delete set null,
    told               text,
    source_report      jsonb,
    source_reported_at timestamptz,
    target_report      jsonb,
    target_reported_at timestamptz,
    begun              timestamptz not null,
    ended              timestamptz,
    primary key (item, generation),
    constraint relationship_hosts check (ended is not null or (source_host is not null and target_host is not null))
);
comment on table relationship is 'one direction of an item: who replicates to whom (decision 32)';
comment on column relationship.source_host is 'empty of one that ended when the host is gone since';
comment on column relationship.told is 'the settings and addresses that both agents were told last; told again when others hold';
comment on column relationship.source_report is 'what its source reported last; of one that ended too, but nothing follows from it';

insert into relationship (item, generation, source_host, target_host, told, source_report, source_reported_at,
    target_report, target_reported_at, begun)
select i.id, i.generation, i.source_host, i.target_host, i.told,
    p.source_report || jsonb_build_object('generation', i.generation), p.source_reported_at,
    p.target_report || jsonb_build_object('generation', i.generation), p.target_reported_at, i.created_at
from protected_item i left join item_progress p on p.item = i.id;

drop table item_progress;
alter table protected_item
    drop column source_host,
    drop column target_host,
    drop column told,
    add constraint protected_item_relationship foreign key (id, generation)
        references relationship (item, generation) deferrable initially deferred;
comment on column protected_item.generation is 'of the relationship that is current';

create unique index relationship_current on relationship (item) where ended is null;
create index relationship_source on relationship (source_host);
create index relationship_target on relationship (target_host);
