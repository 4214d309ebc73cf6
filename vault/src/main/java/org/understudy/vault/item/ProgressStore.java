package org.understudy.vault.item;

import java.time.Instant;
import java.util.Optional;
import org.understudy.command.AgentReport.SourceProgress;
import org.understudy.command.AgentReport.TargetProgress;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.workflow.sql.Database;
import org.understudy.workflow.sql.JsonColumn;

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

    /** Keeps a source's report; false if the item is not the host's. */
    public boolean keep(HostId source, SourceProgress report, Instant now) {
        return database.update("""
                insert into item_progress (item, source_report, source_reported_at)
                select id, ?, ? from protected_item where id = ? and source_host = ?
                on conflict (item) do update
                    set source_report = excluded.source_report, source_reported_at = excluded.source_reported_at
                """, JsonColumn.of(report), now, report.item().value(), source.value()) > 0;
    }

    /** Keeps a target's report; false if the item is not the host's. */
    public boolean keep(HostId target, TargetProgress report, Instant now) {
        return database.update("""
                insert into item_progress (item, target_report, target_reported_at)
                select id, ?, ? from protected_item where id = ? and target_host = ?
                on conflict (item) do update
                    set target_report = excluded.target_report, target_reported_at = excluded.target_reported_at
                """, JsonColumn.of(report), now, report.item().value(), target.value()) > 0;
    }
}
