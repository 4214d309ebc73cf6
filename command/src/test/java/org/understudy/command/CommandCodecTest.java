package org.understudy.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.understudy.model.ByteCount;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.ItemId;
import org.understudy.model.JobId;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;
import org.understudy.model.VmId;

/** What agents and vaults of different releases understand of each other, and what they skip. */
class CommandCodecTest {
    private static final AgentCommand FENCE = new AgentCommand.FenceReplica(RelationshipId.first(ItemId.random()));

    private static <T> T again(Object words, Class<T> type) throws IOException {
        return CommandCodec.mapper().readValue(CommandCodec.mapper().writeValueAsBytes(words), type);
    }

    private static AgentEndpoint.IssuedCommand issued(AgentCommand command) {
        return new AgentEndpoint.IssuedCommand(new CommandId(JobId.random() + "/step"), command);
    }

    @Test
    void readsTheOtherReportsWhenOneIsOfAKindUnheardOf() throws IOException {
        ObjectNode request = CommandCodec.mapper().valueToTree(new AgentEndpoint.Reports(
                List.of(new AgentReport.Heartbeat("9"), new AgentReport.Heartbeat("9"))));
        ObjectNode odd = (ObjectNode) ((ArrayNode) request.get("reports")).get(0);
        odd.put("report", "weather").put("rain", true);
        assertThat(again(request, AgentEndpoint.Reports.class).reports())
                .containsExactly(new AgentReport.Unknown("weather"), new AgentReport.Heartbeat("9"));
    }

    @Test
    void readsTheOtherReportsWhenOneSaysWhatCannotBe() throws IOException {
        ObjectNode request = CommandCodec.mapper().valueToTree(new AgentEndpoint.Reports(List.of(
                new AgentReport.CommandEnded(new CommandId(JobId.random() + "/x"), new CommandOutcome.Done()),
                new AgentReport.Heartbeat("9"))));
        ((ObjectNode) ((ArrayNode) request.get("reports")).get(0)).put("id", "no id");
        assertThat(again(request, AgentEndpoint.Reports.class).reports())
                .containsExactly(new AgentReport.Unknown("command-ended"), new AgentReport.Heartbeat("9"));
    }

    @Test
    void readsTheOtherCommandsWhenOneIsOfAKindUnheardOf() throws IOException {
        AgentEndpoint.IssuedCommand fence = issued(FENCE);
        ObjectNode answer = CommandCodec.mapper().valueToTree(
                new AgentEndpoint.Commands(List.of(issued(FENCE), fence)));
        ((ObjectNode) ((ArrayNode) answer.get("commands")).get(0).get("command")).put("command", "teleport");
        List<AgentEndpoint.IssuedCommand> read = again(answer, AgentEndpoint.Commands.class).commands();
        assertThat(read.getFirst().command()).isEqualTo(new AgentCommand.Unknown("teleport"));
        assertThat(read.getLast()).isEqualTo(fence);
    }

    @Test
    void tellsAgentsAndVaultsOfTheFirstReleaseTheItemOfARelationshipWhereTheyLookForIt() throws IOException {
        RelationshipId relationship = new RelationshipId(ItemId.random(), 2);
        for (Object words : List.of(new AgentCommand.StopReplication(relationship), new AgentReport.TargetProgress(
                relationship, new LogPosition(2, 5), new LogPosition(2, 5), ByteCount.ZERO, PointsHeld.NONE,
                Optional.empty()))) {
            JsonNode told = CommandCodec.mapper().valueToTree(words);
            assertThat(told.path("item").asText()).isEqualTo(relationship.item().toString());
            assertThat(told.path("generation").asLong()).isEqualTo(2);
            assertThat(told.has("relationship")).isFalse();
            assertThat(told.path("command").isTextual() ? again(told, AgentCommand.class)
                    : again(told, AgentReport.class)).isEqualTo(words);
        }
    }

    @Test
    void takesWhatSaysNoGenerationForWordsOfTheFirst() throws IOException {
        ItemId item = ItemId.random();
        assertThat(CommandCodec.mapper().readValue(
                "{\"command\":\"stop-replication\",\"item\":\"" + item + "\"}", AgentCommand.class))
                .isEqualTo(new AgentCommand.StopReplication(RelationshipId.first(item)));
        assertThat(CommandCodec.mapper().readValue("{\"command\":\"shut-down-machine\",\"vm\":\"" + item
                + "\",\"timeout\":\"PT1M\",\"force\":false}", AgentCommand.class)).isEqualTo(
                        new AgentCommand.ShutDownMachine(new VmId(item.value()), Duration.ofMinutes(1), false,
                                Optional.empty()));
    }

    @Test
    void readsNoCommandThatNamesNoItem() throws IOException {
        var commands = again(new AgentEndpoint.Commands(List.of(issued(FENCE))), ObjectNode.class);
        ((ObjectNode) commands.get("commands").get(0).get("command")).remove("item");
        assertThat(again(commands, AgentEndpoint.Commands.class).commands().getFirst().command())
                .isEqualTo(new AgentCommand.Unknown("fence-replica"));
    }

    @Test
    void readsAReportOfAnAgentOfTheFirstRelease() throws IOException {
        AgentEndpoint.Reports reports = CommandCodec.mapper().readValue(
                "{\"reports\":[{\"report\":\"heartbeat\",\"version\":\"0.1.0\"}]}", AgentEndpoint.Reports.class);
        assertThat(reports).isEqualTo(new AgentEndpoint.Reports(List.of(new AgentReport.Heartbeat("0.1.0"))));
    }

    @Test
    void knowsThePointsOfATargetOfTheFirstRelease() throws IOException {
        String position = "{\"generation\":1,\"sequence\":%d}";
        String point = "{\"position\":" + position
                + ",\"capturedAt\":\"2026-01-01T00:00:00Z\",\"consistency\":\"%s\"}";
        String report = "{\"report\":\"target-progress\",\"item\":\"" + ItemId.random() + "\",\"acknowledged\":"
                + position.formatted(5) + ",\"applied\":" + position.formatted(5) + ",\"journal\":0,\"points\":["
                + point.formatted(5, "CRASH") + "," + point.formatted(4, "APPLICATION") + ","
                + point.formatted(2, "CRASH") + "],\"trouble\":null}";
        var told = (AgentReport.TargetProgress) CommandCodec.mapper().readValue(report, AgentReport.class);
        assertThat(told.held().count()).isEqualTo(3);
        assertThat(told.held().latest().orElseThrow().position()).isEqualTo(new LogPosition(1, 5));
        assertThat(told.held().oldest().orElseThrow().position()).isEqualTo(new LogPosition(1, 2));
        assertThat(told.held().latestApplicationConsistent().orElseThrow().position())
                .isEqualTo(new LogPosition(1, 4));
        assertThat(again(told, AgentReport.class)).isEqualTo(told);
    }

    @Test
    void keepsEveryWordOfAHeartbeat() throws IOException {
        AgentReport heartbeat = new AgentReport.Heartbeat("1",
                List.of(new AgentReport.RunningCommand(
                        new CommandId(JobId.random() + "/start"), Instant.EPOCH, Optional.of("applies the journal"))),
                List.of(new Failure(FailureCode.INTERNAL_ERROR, "odd", "look", Instant.EPOCH)),
                Optional.of(new AgentReport.Inventory(List.of(), List.of()).digest()));
        var request = new AgentEndpoint.Reports(Optional.of(UUID.randomUUID()), 7, List.of(heartbeat));
        assertThat(again(request, AgentEndpoint.Reports.class)).isEqualTo(request);
    }

    @Test
    void keepsWhatIsAskedToFinishAReplicationAndItsAnswer() throws IOException {
        AgentEndpoint.Commands asked = new AgentEndpoint.Commands(List.of(
                issued(new AgentCommand.FinishReplication(RelationshipId.first(ItemId.random()))),
                issued(new AgentCommand.StartMachine(RelationshipId.first(ItemId.random()), VmId.random()))));
        assertThat(again(asked, AgentEndpoint.Commands.class)).isEqualTo(asked);
        CommandOutcome answer = new CommandOutcome.Finished(new LogPosition(1, 7));
        assertThat(again(answer, CommandOutcome.class)).isEqualTo(answer);
    }

    @Test
    void keepsTheQuestionForPointsAndItsAnswer() throws IOException {
        AgentEndpoint.Commands asked = new AgentEndpoint.Commands(List.of(
                issued(new AgentCommand.ListPoints(new RelationshipId(ItemId.random(), 3), Optional.empty(), 1000))));
        assertThat(again(asked, AgentEndpoint.Commands.class)).isEqualTo(asked);
        CommandOutcome answer = new CommandOutcome.Points(List.of());
        assertThat(again(answer, CommandOutcome.class)).isEqualTo(answer);
    }
}
