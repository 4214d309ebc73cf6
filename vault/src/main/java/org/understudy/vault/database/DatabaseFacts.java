package org.understudy.vault.database;

import org.understudy.workflow.sql.Database;

/** What the running server says of itself; what is acknowledged survives a power cut only with all three on. */
public record DatabaseFacts(String serverVersion, String fsync, String synchronousCommit, String fullPageWrites) {
    /** Asks the server, now. */
    public static DatabaseFacts of(Database database) {
        return new DatabaseFacts(show(database, "server_version"), show(database, "fsync"),
                show(database, "synchronous_commit"), show(database, "full_page_writes"));
    }

    private static String show(Database database, String setting) {
        return database.first("select current_setting(?) as value", row -> row.text("value"), setting).orElseThrow();
    }
}
