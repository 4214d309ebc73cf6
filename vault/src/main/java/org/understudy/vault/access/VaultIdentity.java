package org.understudy.vault.access;

import java.time.Clock;
import java.util.Optional;
import org.understudy.model.VaultId;
import org.understudy.workflow.sql.Database;

/** Who this vault is: an id for life, given when its database is first opened, and a name for people. */
public record VaultIdentity(VaultId id, String name) {
    /** Who the vault of the database is, if it has one. */
    public static Optional<VaultIdentity> find(Database database) {
        return database.first("select id, name from vault",
                row -> new VaultIdentity(new VaultId(row.uuid("id")), row.text("name")));
    }

    /** Reads it, or makes it; a name that is given replaces the one before. */
    public static VaultIdentity establish(Database database, Optional<String> name, Clock clock) {
        return database.transact(() -> {
            database.update(
                    "insert into vault (id, name, created_at) values (?, ?, ?) on conflict (only_row) do nothing",
                    VaultId.random().value(), name.orElse("understudy"), clock.instant());
            name.ifPresent(given -> database.update("update vault set name = ?", given));
            return find(database).orElseThrow();
        });
    }
}
