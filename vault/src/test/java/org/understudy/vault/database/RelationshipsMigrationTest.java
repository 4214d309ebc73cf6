package org.understudy.vault.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;
import org.understudy.command.PointChoice;
import org.understudy.model.Consistency;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.RecoveryPoint;
import org.understudy.model.RelationshipId;
import org.understudy.vault.item.AllowedOperations;
import org.understudy.vault.item.EndReason;
import org.understudy.vault.item.FailoverKind;
import org.understudy.vault.item.ProgressStore;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.vault.item.ProtectedItemStore;
import org.understudy.vault.item.ProtectionState;
import org.understudy.vault.item.TargetCopy;
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

    private static final String POINT = """
            {"position": {"generation": 1, "sequence": 7}, "capturedAt": "2026-01-01T00:00:00Z", "consistency": "CRASH"}
            """;

    /** As vaults before this one wrote them, the first release among them. */
    private static Map<String, ProtectionState> states() {
        RecoveryPoint point = new RecoveryPoint(
                new LogPosition(1, 7), Instant.parse("2026-01-01T00:00:00Z"), Consistency.CRASH);
        Failure failure = new Failure(FailureCode.RESYNCHRONIZATION_REQUIRED, "It diverged.", "Wait.",
                Instant.parse("2026-01-01T00:00:00Z"));
        Map<String, ProtectionState> states = new LinkedHashMap<>();
        states.put("{'state': 'Enabling'}", new ProtectionState.Enabling());
        states.put("{'state': 'InitialReplication'}", new ProtectionState.InitialReplication());
        states.put("{'state': 'Protected'}", new ProtectionState.Protected());
        states.put("{'state': 'ResynchronizationRequired', 'failure': {'code': 'RESYNCHRONIZATION_REQUIRED', "
                + "'message': 'It diverged.', 'recommendedAction': 'Wait.', 'at': '2026-01-01T00:00:00Z'}}",
                new ProtectionState.ResynchronizationRequired(failure));
        states.put("{'state': 'FailingOver', 'point': {'choice': 'latest'}}",
                new ProtectionState.FailingOver(FailoverKind.UNPLANNED, new PointChoice.Latest()));
        states.put("{'state': 'FailingOver', 'kind': 'PLANNED', 'point': {'choice': 'latest'}}",
                new ProtectionState.FailingOver(FailoverKind.PLANNED, new PointChoice.Latest()));
        states.put("{'state': 'CommitPending', 'point': %s}",
                new ProtectionState.CommitPending(FailoverKind.UNPLANNED, point));
        states.put("{'state': 'CommitPending', 'kind': 'PLANNED', 'point': %s}",
                new ProtectionState.CommitPending(FailoverKind.PLANNED, point));
        states.put("{'state': 'Committed', 'point': %s}", new ProtectionState.Committed(point));
        states.put("{'state': 'Disabling', 'reason': 'MIGRATION_COMPLETE', 'copy': 'RUNS'}",
                new ProtectionState.Disabling(EndReason.MIGRATION_COMPLETE, TargetCopy.RUNS));
        states.put("{'state': 'Disabling'}",
                new ProtectionState.Disabling(EndReason.NOT_SPECIFIED, TargetCopy.REPLICA));
        return states;
    }

    private UUID insert(Database database, String facts) {
        UUID id = UUID.randomUUID();
        String json = facts.replace("%s", POINT).replace('\'', '"');
        database.update("""
                insert into protected_item (id, vm, name, disks, adapters, pair, source_host, target_host,
                    generation, state, state_facts, version, created_at, changed_at, told)
                values (?, ?, 'web01', '[]', '[]', ?, ?, ?, 1, cast(? as jsonb)->>'state', cast(? as jsonb), 3,
                    '2026-01-01T00:00:00Z', now(), 'words')
                """, id, id, item, source, target, json, json);
        return id;
    }

    private static void disables(Database database, UUID item, String notes) {
        database.update("""
                insert into job (id, type, target_kind, target_id, target_name, started_by, input, notes, state,
                    created_at) values (?, 'Disable protection', 'item', ?, 'web01', 'a test',
                    '{"deleteReplica": true, "forget": false}', cast(? as jsonb), 'FAILED', now())
                """, UUID.randomUUID(), item.toString(), notes);
    }

    @Tag("slow")
    @Test
    void anItemOfAnEarlierVaultStandsWhereItStoodWhateverItsStateAndIsLedOutOfIt() throws IOException {
        DatabaseConfig.External empty = TestDatabase.bare();
        Database before = before(empty);
        fill(before);
        Map<UUID, ProtectionState> expected = new LinkedHashMap<>();
        states().forEach((facts, state) -> expected.put(insert(before, facts), state));
        UUID ran = insert(before, "{'state': 'Disabling'}");
        disables(before, ran, "{\"failedOver\": true}");
        expected.put(ran, new ProtectionState.Disabling(EndReason.NOT_SPECIFIED, TargetCopy.RUNS));
        UUID began = insert(before, "{'state': 'Disabling'}");
        disables(before, began, "{\"failedOver\": false, \"failingOver\": true}");
        expected.put(began, new ProtectionState.Disabling(EndReason.NOT_SPECIFIED, TargetCopy.BEGAN_TO_START));
        try (VaultDatabase opened = VaultDatabase.open(empty)) {
            ProtectedItemStore items = new ProtectedItemStore(opened.database());
            expected.forEach((id, state) -> {
                ProtectedItem found = items.get(new ItemId(id));
                assertThat(found.state()).isEqualTo(state);
                assertThat(found.relationship()).isEqualTo(RelationshipId.first(found.id()));
                assertThat(AllowedOperations.in(found.state(), false)).as("ways out of %s", state).isNotEmpty();
                assertThat(items.directions(found.id())).hasSize(1);
            });
        }
    }
}
