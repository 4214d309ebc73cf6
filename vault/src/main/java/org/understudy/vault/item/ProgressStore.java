package org.understudy.vault.item;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.understudy.command.AgentReport.ItemProgress;
import org.understudy.command.AgentReport.SourceProgress;
import org.understudy.command.AgentReport.TargetProgress;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.workflow.sql.Database;
import org.understudy.workflow.sql.JsonColumn;
import org.understudy.workflow.sql.Row;

/**
 * The table {@code item_progress}: what an item's two agents reported last. A report is taken only from the host that
 * has that part in the item's route, and is forgotten with the item.
 */
public final class ProgressStore {
    private final Database database;

    public ProgressStore(Database database) {
        this.database = database;
    }

    /** The last reports; either may be missing. */
    public record Progress(
            Optional<SourceProgress> source, Optional<Instant> sourceReportedAt,
            Optional<TargetProgress> target, Optional<Instant> targetReportedAt) {
        /** Before the first report. */
        public static final Progress NONE =
                new Progress(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    public Progress of(ItemId item) {
        return database.first("select * from item_progress where item = ?", row -> new Progress(
                        row.optionalJson("source_report", SourceProgress.class),
                        row.optionalInstant("source_reported_at"),
                        row.optionalJson("target_report", TargetProgress.class),
                        row.optionalInstant("target_reported_at")), item.value())
                .orElse(Progress.NONE);
    }

    /** Keeps what a source tells; returns the items of it that are the host's. */
    public List<ItemId> keepSources(HostId source, List<SourceProgress> reports, Instant now) {
        return reports.isEmpty() ? List.of() : database.query("""
                insert into item_progress (item, source_report, source_reported_at)
                select i.id, heard, ? from jsonb_array_elements(?) heard
                    join protected_item i on i.id = (heard->>'item')::uuid
                        and i.generation = (heard->>'generation')::bigint and i.source_host = ?
                on conflict (item) do update
                    set source_report = excluded.source_report, source_reported_at = excluded.source_reported_at
                returning item
                """, ProgressStore::item, now, json(reports), source.value());
    }

    /** Keeps what a target tells; returns the items of it that are the host's. */
    public List<ItemId> keepTargets(HostId target, List<TargetProgress> reports, Instant now) {
        return reports.isEmpty() ? List.of() : database.query("""
                insert into item_progress (item, target_report, target_reported_at)
                select i.id, heard, ? from jsonb_array_elements(?) heard
                    join protected_item i on i.id = (heard->>'item')::uuid
                        and i.generation = (heard->>'generation')::bigint and i.target_host = ?
                on conflict (item) do update
                    set target_report = excluded.target_report, target_reported_at = excluded.target_reported_at
                returning item
                """, ProgressStore::item, now, json(reports), target.value());
    }

    private static ItemId item(Row row) {
        return new ItemId(row.uuid("item"));
    }

    /** The last of several of one item counts. */
    private static Object json(List<? extends ItemProgress> reports) {
        Map<ItemId, ItemProgress> byItem = new LinkedHashMap<>();
        reports.forEach(report -> byItem.put(report.relationship().item(), report));
        ArrayNode rows = JsonColumn.mapper().createArrayNode();
        byItem.values().forEach(report -> rows.add(JsonColumn.mapper().<JsonNode>valueToTree(report)));
        return JsonColumn.of(rows);
    }
}
