-- Releases whose state did not say what an item that is being disabled has at its target wrote it in the notes of its
-- job. A job that is begun anew does not have these: the item says it now itself.
update protected_item i set state_facts = i.state_facts || jsonb_build_object('copy', j.copy)
from (select target_id, case when bool_or(notes->>'failedOver' = 'true') then 'RUNS' else 'BEGAN_TO_START' end as copy
        from job where type = 'Disable protection' and 'true' in (notes->>'failedOver', notes->>'failingOver')
        group by target_id) j
where i.state = 'Disabling' and i.state_facts->>'copy' is null and j.target_id = i.id::text;
