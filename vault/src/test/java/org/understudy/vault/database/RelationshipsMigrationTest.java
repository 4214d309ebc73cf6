package org.understudy.vault.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.util.UUID;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;
import org.understudy.vault.item.ProgressStore;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.vault.item.ProtectedItemStore;
import org.understudy.workflow.sql.Database;

/** What becomes of the items of a vault that was made before relationships had rows of their own. */
class RelationshipsMigrationTest {
    private final UUID source = UUID.randomUUID();
    private final UUID target = UUID.randomUUID();
    private final UUID item = UUID.randomUUID();
    private final UUID silent = UUID.randomUUID();

    private static Database before(DatabaseConfig.External empty) throws IOException {
        PGSimpleDataSource address = new PGSimpleDataSource();
        address.setUrl(empty.url());
        address.setUser(empty.user());
        address.setPassword(Files.readString(empty.passwordFile()).strip());
        Flyway.configure().dataSource(address).target("32").load().migrate();
        return new Database(address);
    }

    private void fill(Database database) {
        for (UUID host : new UUID[] {source, target}) {
            database.update("""
                    insert into host (id, name, replication_address, replication_port, agent_version, certificate,
                        registered_at) values (?, ?, '192.0.2.1', 8084, '1', 'none', now())
                    """, host, host.equals(source) ? "kvm-sto" : "kvm-ams");
        }
        database.update("insert into site (id, name) values (?, 'stockholm')", item);
        for (UUID cloud : new UUID[] {source, target}) {
            database.update("insert into cloud (id, name, site) values (?, ?, ?)", cloud, cloud.toString(), item);
        }
        database.update("""
                insert into policy (id, name, copy_frequency_seconds, standard_points, recent_window_seconds,
                    application_consistent_hours, compression, delete_replica)
                values (?, 'fast', 30, 24, 0, 0, true, true)
                """, item);
        database.update("insert into cloud_pair (id, name, source, target, policy) values (?, 'pair', ?, ?, ?)",
                item, source, target, item);
        for (UUID id : new UUID[] {item, silent}) {
            database.update("""
                    insert into protected_item (id, vm, name, disks, adapters, pair, source_host, target_host,
                        generation, state, state_facts, version, created_at, changed_at, told)
                    values (?, ?, 'web01', '[]', '[]', ?, ?, ?, 1, 'Protected', '{"state": "Protected"}', 3,
                        '2026-01-01T00:00:00Z', now(), 'words')
                    """, id, id, item, source, target);
        }
        String position = "{\"generation\": 1, \"sequence\": 7}";
        database.update("insert into item_progress values (?, cast(? as jsonb), now(), cast(? as jsonb), now())", item,
                """
                {"report": "source-progress", "item": "%s", "captured": %s, "acknowledged": %s, "covered": 1,
                 "total": 1, "waiting": 0, "sent": 0, "changed": 0, "lastAcknowledgedInstant": null,
                 "trouble": null, "attempt": 0, "nextAttempt": null}""".formatted(item, position, position),
                """
                {"report": "target-progress", "item": "%s", "acknowledged": %s, "applied": %s, "journal": 0,
                 "points": [], "trouble": null}""".formatted(item, position, position));
    }

    @Tag("slow")
    @Test
    void aDatabaseThatALaterReleaseUsedIsNotOpened() throws IOException {
        DatabaseConfig.External database = TestDatabase.bare();
        try (VaultDatabase opened = VaultDatabase.open(database)) {
            opened.database().update("""
                    insert into flyway_schema_history (installed_rank, version, description, type, script, installed_by,
                        execution_time, success)
                    values (9999, '9999', 'later', 'SQL', 'V9999__later.sql', 'a test', 1, true)
                    """);
        }
        assertThatThrownBy(() -> VaultDatabase.open(database)).isInstanceOfSatisfying(FailureException.class, e -> {
            assertThat(e.failure().code()).isEqualTo(FailureCode.FORMAT_TOO_NEW);
            assertThat(e.failure().message()).contains("9999");
        });
    }

    @Tag("slow")
    @Test
    void anItemOfAnEarlierVaultKeepsItsHostsItsReportsAndWhatItsAgentsWereTold() throws IOException {
        DatabaseConfig.External empty = TestDatabase.bare();
        fill(before(empty));
        try (VaultDatabase opened = VaultDatabase.open(empty)) {
            ProtectedItemStore items = new ProtectedItemStore(opened.database());
            ProgressStore progress = new ProgressStore(opened.database());
            ProtectedItem kept = items.get(new ItemId(item));
            assertThat(kept.relationship()).isEqualTo(RelationshipId.first(kept.id()));
            assertThat(kept.route().source()).isEqualTo(new HostId(source));
            assertThat(kept.route().target()).isEqualTo(new HostId(target));
            assertThat(items.told(kept.relationship())).contains("words");
            assertThat(items.directions(kept.id())).singleElement().satisfies(it -> {
                assertThat(it.ended()).isEmpty();
                assertThat(it.begun()).isEqualTo("2026-01-01T00:00:00Z");
            });
            ProgressStore.Progress told = progress.of(kept.id());
            assertThat(told.source().orElseThrow().acknowledged()).isEqualTo(new LogPosition(1, 7));
            assertThat(told.source().orElseThrow().relationship()).isEqualTo(kept.relationship());
            assertThat(told.target().orElseThrow().relationship()).isEqualTo(kept.relationship());
            assertThat(progress.of(items.get(new ItemId(silent)).id())).isEqualTo(ProgressStore.Progress.NONE);
            items.delete(kept, "the test ends");
            assertThat(items.directions(kept.id())).isEmpty();
        }
    }
}
