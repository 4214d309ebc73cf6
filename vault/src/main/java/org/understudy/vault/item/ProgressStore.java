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
import org.understudy.model.RelationshipId;
import org.understudy.workflow.sql.Database;
import org.understudy.workflow.sql.JsonColumn;
import org.understudy.workflow.sql.Row;

/**
 * The reports in the table {@code relationship}: what its two agents told last of each direction of an item. A report
 * is taken only from the host that has that part in the direction; of one that ended it is kept, and nothing follows.
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

    /** The last reports on an item in the direction in which it goes now. */
    public Progress of(ItemId item) {
        return first("""
                select r.* from relationship r join protected_item i on i.id = r.item and i.generation = r.generation
                where i.id = ?
                """, item.value());
    }

    /** The last reports on a direction, which may have ended. */
    public Progress of(RelationshipId relationship) {
        return first("select * from relationship where item = ? and generation = ?",
                relationship.item().value(), relationship.generation());
    }

    private Progress first(String query, Object... values) {
        return database.first(query, row -> new Progress(
                        row.optionalJson("source_report", SourceProgress.class),
                        row.optionalInstant("source_reported_at"),
                        row.optionalJson("target_report", TargetProgress.class),
                        row.optionalInstant("target_reported_at")), values)
                .orElse(Progress.NONE);
    }

    // Rows are locked in one order: the agents of two hosts with many items in common report at the same time.

    /** Keeps what a source tells; returns the relationships of it that are the host's and go on. */
    public List<RelationshipId> keepSources(HostId source, List<SourceProgress> reports, Instant now) {
        return reports.isEmpty() ? List.of() : current(database.query("""
                update relationship r set source_report = h.report, source_reported_at = ?
                from (select o.item, o.generation, report from jsonb_array_elements(?) report
                    join relationship o on o.item = (report->>'item')::uuid
                        and o.generation = (report->>'generation')::bigint and o.source_host = ?
                    order by 1, 2 for update of o) h
                where r.item = h.item and r.generation = h.generation
                returning r.item, r.generation, r.ended
                """, ProgressStore::kept, now, json(reports), source.value()));
    }

    /** Keeps what a target tells; returns the relationships of it that are the host's and go on. */
    public List<RelationshipId> keepTargets(HostId target, List<TargetProgress> reports, Instant now) {
        return reports.isEmpty() ? List.of() : current(database.query("""
                update relationship r set target_report = h.report, target_reported_at = ?
                from (select o.item, o.generation, report from jsonb_array_elements(?) report
                    join relationship o on o.item = (report->>'item')::uuid
                        and o.generation = (report->>'generation')::bigint and o.target_host = ?
                    order by 1, 2 for update of o) h
                where r.item = h.item and r.generation = h.generation
                returning r.item, r.generation, r.ended
                """, ProgressStore::kept, now, json(reports), target.value()));
    }

    /** A report that was kept, and whether its relationship ended. */
    private record Kept(RelationshipId relationship, boolean ended) {}

    private static Kept kept(Row row) {
        return new Kept(new RelationshipId(new ItemId(row.uuid("item")), row.number("generation")),
                row.optionalInstant("ended").isPresent());
    }

    private static List<RelationshipId> current(List<Kept> kept) {
        return kept.stream().filter(it -> !it.ended()).map(Kept::relationship).toList();
    }

    /** The last of several of one relationship counts. */
    private static Object json(List<? extends ItemProgress> reports) {
        Map<RelationshipId, ItemProgress> last = new LinkedHashMap<>();
        reports.forEach(report -> last.put(report.relationship(), report));
        ArrayNode rows = JsonColumn.mapper().createArrayNode();
        last.values().forEach(report -> rows.add(JsonColumn.mapper().<JsonNode>valueToTree(report)));
        return JsonColumn.of(rows);
    }
}
