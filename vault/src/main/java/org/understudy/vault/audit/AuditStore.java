package org.understudy.vault.audit;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.understudy.api.AuditView;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.PlainText;
import org.understudy.vault.http.AuditTrail;
import org.understudy.workflow.sql.Database;

/** The table {@code audit}: only ever added to, but for what is older than its time. */
public final class AuditStore implements AuditTrail {
    /** Characters: a page of a thousand records is a few megabytes at most. */
    private static final int TEXT_MAX = 1000;

    /** How long a request may be made again: no client goes on for as long. */
    private static final Duration REPEATED = Duration.ofDays(1);

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
                clock.instant(), PlainText.of(entry.actor(), TEXT_MAX), entry.action(),
                entry.object().map(text -> PlainText.of(text, TEXT_MAX)), entry.outcome(),
                entry.details().map(text -> PlainText.of(text, TEXT_MAX)));
    }

    @Override
    public <T> T together(Supplier<T> deed) {
        return database.transact(deed);
    }

    @Override
    public Optional<String> begun(Repeat repeat) {
        database.query("select pg_advisory_xact_lock(hashtext(?)) is null as locked",
                row -> row.flag("locked"), "request " + repeat.key());
        return database.first("select * from begun_request where key = ?", row -> {
            if (!row.text("caller").equals(repeat.caller()) || !row.text("request").equals(repeat.request())) {
                throw FailureException.of(FailureCode.REQUEST_INVALID,
                        "The key " + repeat.key() + " was used for another request.", "Draw a key for each request.");
            }
            // Kept by an earlier version, it has none.
            if (row.optionalText("body").filter(body -> !body.equals(repeat.body())).isPresent()) {
                throw FailureException.of(FailureCode.REQUEST_INVALID, "The key " + repeat.key() + " was used for this"
                        + " request with another body, which has begun a job; this one has begun nothing.",
                        "Repeat a request as it was, or draw another key for what you want now.");
            }
            return row.text("answer");
        }, repeat.key());
    }

    @Override
    public void begins(Repeat repeat, String answer) {
        database.update("insert into begun_request (key, caller, request, body, answer, at) values (?, ?, ?, ?, ?, ?)",
                repeat.key(), repeat.caller(), repeat.request(), repeat.body(), answer, clock.instant());
    }

    /** Newest first; of those before a record, if one is given. */
    public List<AuditView> newest(int atMost, Optional<Long> before) {
        return database.query(
                "select * from audit where id < ? order by id desc limit ?",
                row -> new AuditView(row.number("id"), row.instant("at"), row.text("actor"), row.text("action"),
                        row.optionalText("object"), row.text("outcome"), row.optionalText("details")),
                before.orElse(Long.MAX_VALUE), atMost);
    }

    /** Deletes what is older; tells how much that was. */
    public int forgetOlderThan(Duration age) {
        database.update("delete from begun_request where at < ?", clock.instant().minus(REPEATED));
        return database.update("delete from audit where at < ?", clock.instant().minus(age));
    }
}
