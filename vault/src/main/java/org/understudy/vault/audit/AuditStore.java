package org.understudy.vault.audit;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.understudy.api.AuditView;
import org.understudy.vault.http.AuditTrail;
import org.understudy.workflow.sql.Database;

/** The table {@code audit}: only ever added to, but for what is older than its time. */
public final class AuditStore implements AuditTrail {
    private final Database database;
    private final Clock clock;

    public AuditStore(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    @Override
    public void record(Entry entry) {
        database.update(
                "insert into audit (at, actor, action, object, outcome, details) values (?, ?, ?, ?, ?, ?)",
                clock.instant(), entry.actor(), entry.action(), entry.object(), entry.outcome(), entry.details());
    }

    /** Newest first. */
    public List<AuditView> newest(int atMost) {
        return database.query(
                "select * from audit order by id desc limit ?",
                row -> new AuditView(row.number("id"), row.instant("at"), row.text("actor"), row.text("action"),
                        row.optionalText("object"), row.text("outcome"), row.optionalText("details")),
                atMost);
    }

    /** Deletes what is older; tells how much that was. */
    public int forgetOlderThan(Duration age) {
        return database.update("delete from audit where at < ?", clock.instant().minus(age));
    }
}
