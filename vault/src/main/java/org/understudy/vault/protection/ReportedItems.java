package org.understudy.vault.protection;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.understudy.model.ItemId;
import org.understudy.model.JobId;
import org.understudy.model.RelationshipId;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.ProtectionState;
import org.understudy.workflow.sql.Database;
import org.understudy.workflow.sql.Row;

/**
 * The items that a request reports of, in one query: what of them decides whether anything follows. Reads the tables of
 * items, pairs, policies, hosts and jobs and writes none.
 */
final class ReportedItems {
    private final Database database;

    ReportedItems(Database database) {
        this.database = database;
    }

    /**
     * One of them.
     *
     * @param relationship in which it goes now
     * @param state the name of its state
     * @param job the active operation on it
     * @param facts all that what both agents are to be told is made of, and the state: one text to compare
     */
    record Standing(
            RelationshipId relationship, String state, Optional<JobId> job, Optional<String> jobType, String facts) {
        ItemId id() {
            return relationship.item();
        }

        boolean is(Class<? extends ProtectionState> wanted) {
            return state.equals(wanted.getSimpleName());
        }
    }

    /** Those that are still there. */
    List<Standing> of(Collection<ItemId> items) {
        return items.isEmpty() ? List.of() : database.query("""
                select i.id, i.generation, i.state, j.id::text as job, j.type, concat_ws(' ', i.state, i.version,
                        r.source_host, r.target_host, r.told, i.disks, i.name, cp::text, p::text,
                        t.id, t.replication_address, t.replication_port) as facts
                from protected_item i
                    join cloud_pair cp on cp.id = i.pair
                    join policy p on p.id = cp.policy
                    join relationship r on r.item = i.id and r.generation = i.generation
                    join host t on t.id = r.target_host
                    left join job j on j.target_kind = ? and j.target_id = i.id::text
                        and j.state in ('NOT_STARTED', 'IN_PROGRESS', 'SUSPENDED', 'CANCELLING')
                where i.id = any(?)
                """, ReportedItems::standing, ItemSteps.ITEM, items.stream().map(ItemId::value).toList());
    }

    private static Standing standing(Row row) {
        return new Standing(
                new RelationshipId(new ItemId(row.uuid("id")), row.number("generation")), row.text("state"),
                row.optionalText("job").map(JobId::parse), row.optionalText("type"), row.text("facts"));
    }
}
