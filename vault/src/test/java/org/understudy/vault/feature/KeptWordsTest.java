package org.understudy.vault.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.understudy.command.PointChoice;
import org.understudy.command.TestNetwork;
import org.understudy.model.Consistency;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.model.RecoveryPoint;
import org.understudy.vault.database.TestDatabase;
import org.understudy.vault.failover.AbandonFailoverJob;
import org.understudy.vault.failover.ChangePointJob;
import org.understudy.vault.failover.CleanupTestFailoverJob;
import org.understudy.vault.failover.CommitJob;
import org.understudy.vault.failover.TestFailoverJob;
import org.understudy.vault.item.FailoverKind;
import org.understudy.vault.item.ProtectionState;
import org.understudy.vault.protection.DisableProtectionJob;
import org.understudy.vault.protection.EnableProtectionJob;
import org.understudy.vault.protection.PauseReplicationJob;
import org.understudy.workflow.sql.Database;
import org.understudy.workflow.sql.JsonColumn;

/** Words in the vault's tables as each release wrote them: earlier ones are read, later ones are refused. */
class KeptWordsTest {
    private static final int FORMAT = 1;
    private static final Map<String, Object> INPUTS = Map.of(
            "Enable protection", new EnableProtectionJob.Input(Optional.of("kvm-ams")),
            "Disable protection", new DisableProtectionJob.Input(true, false),
            "Pause replication", new PauseReplicationJob.Input("anna", true),
            "Test failover", new TestFailoverJob.Input(
                    new PointChoice.Latest(), new TestNetwork.CreateIsolated(), false),
            "Clean up test failover", new CleanupTestFailoverJob.Input(Optional.of("went well"), false),
            "Change recovery point", new ChangePointJob.Input(new PointChoice.LatestProcessed()),
            "Abandon failover", new AbandonFailoverJob.Input(true),
            "Commit", new CommitJob.Input());

    private static JsonNode golden(String name) throws IOException {
        try (InputStream file = KeptWordsTest.class.getResourceAsStream("/org/understudy/vault/kept/" + name)) {
            return JsonColumn.mapper().readTree(file);
        }
    }

    private static <T> T read(JsonNode kept, Class<T> type) {
        Database database = TestDatabase.empty();
        return database.first("select ?::jsonb as kept", row -> row.json("kept", type, FORMAT), JsonColumn.of(kept))
                .orElseThrow();
    }

    private static JsonNode written(Object value) throws IOException {
        return JsonColumn.mapper().readTree(JsonColumn.of(value, FORMAT).getValue());
    }

    @Test
    void writesEachStateAsTheGoldenFileOfThisFormatHoldsIt() throws IOException {
        Set<Class<?>> seen = new HashSet<>();
        for (JsonNode kept : golden("states-1.json")) {
            ProtectionState state = read(kept, ProtectionState.class);
            assertThat(written(state)).isEqualTo(kept);
            seen.add(state.getClass());
        }
        assertThat(seen).hasSize(golden("states-1.json").size());
    }

    @Test
    void keepsTheReversalFromWhichAFailoverBeganAndWritesNoneWhereThereWasNone() throws IOException {
        ProtectionState.Reversing reversing = new ProtectionState.Reversing(
                new RecoveryPoint(new LogPosition(1, 7), Instant.EPOCH, Consistency.CRASH), true);
        ProtectionState.FailingOver failing = reversing.failOver(FailoverKind.UNPLANNED, new PointChoice.Latest());
        JsonNode kept = written(failing);
        assertThat(kept.path("reversal").path("state").asText()).isEqualTo("Reversing");
        assertThat(read(kept, ProtectionState.class)).isEqualTo(failing);
        ProtectionState.CommitPending started = failing.started(reversing.point());
        assertThat(read(written(started), ProtectionState.class)).isEqualTo(started);
        assertThat(written(new ProtectionState.Protected().failOver(FailoverKind.UNPLANNED, new PointChoice.Latest()))
                .has("reversal")).isFalse();
    }

    @Test
    void readsTheStatesThatTheFirstReleaseWrote() throws IOException {
        for (JsonNode kept : golden("states-first-release.json")) {
            assertThat(read(kept, ProtectionState.class).name()).isEqualTo(kept.path("state").asText());
        }
    }

    @Test
    void writesTheInputsOfJobsAsTheGoldenFileOfThisFormatHoldsThem() throws IOException {
        JsonNode golden = golden("job-inputs-1.json");
        assertThat(golden.size()).isEqualTo(INPUTS.size());
        for (Map.Entry<String, Object> input : INPUTS.entrySet()) {
            JsonNode kept = golden.path(input.getKey());
            assertThat(written(input.getValue())).isEqualTo(kept);
            assertThat(read(kept, input.getValue().getClass())).isEqualTo(input.getValue());
        }
    }

    @Test
    void refusesWhatALaterReleaseWrote() throws IOException {
        for (JsonNode kept : golden("states-1.json")) {
            ((ObjectNode) kept).put("format", FORMAT + 1);
            assertThatThrownBy(() -> read(kept, ProtectionState.class)).isInstanceOfSatisfying(FailureException.class,
                    e -> assertThat(e.failure().code()).isEqualTo(FailureCode.FORMAT_TOO_NEW));
        }
    }
}
