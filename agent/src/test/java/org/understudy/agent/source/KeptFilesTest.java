package org.understudy.agent.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.agent.vault.AnswerStore;
import org.understudy.command.CommandCodec;
import org.understudy.command.CommandId;
import org.understudy.command.CommandOutcome;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;

/** Files of an agent as each release wrote them: those of earlier ones are read, those of later ones are refused. */
class KeptFilesTest {
    private static final ItemId ITEM = ItemId.parse("0b7c1f52-9a1e-4c1c-8f2e-2f1d3c4b5a69");
    private static final RelationshipId FIRST = RelationshipId.first(ITEM);
    private static final CommandId COMMAND = new CommandId(ITEM + "/start");

    @TempDir
    private Path folder;
    private RelationshipStore store;

    @BeforeEach
    void open() throws IOException {
        store = new RelationshipStore(folder);
    }

    private static byte[] golden(String name) throws IOException {
        try (InputStream file = KeptFilesTest.class.getResourceAsStream("/org/understudy/agent/kept/" + name)) {
            return file.readAllBytes();
        }
    }

    private static JsonNode tree(byte[] json) throws IOException {
        return CommandCodec.mapper().readTree(json);
    }

    private static byte[] ofALaterRelease(String name) throws IOException {
        return CommandCodec.mapper().writeValueAsBytes(((ObjectNode) tree(golden(name))).put("format", 2));
    }

    private Path put(RelationshipId id, String file, byte[] content) throws IOException {
        Path folderOfIt = Files.createDirectories(folder.resolve("relationships").resolve(id.folderName()));
        return Files.write(folderOfIt.resolve(file), content);
    }

    private Path answer(byte[] content) throws IOException {
        Path answers = Files.createDirectories(folder.resolve("answers"));
        return Files.write(answers.resolve(COMMAND.value().replace('/', '_') + ".json"), content);
    }

    @Test
    void writesWhatTheGoldenFilesOfThisFormatHold() throws IOException {
        Path relationship = put(FIRST.next(), "relationship.json", golden("relationship-1.json"));
        Path state = put(FIRST.next(), "state.json", golden("state-1.json"));
        Path answer = answer(golden("answer-1.json"));
        Relationship known = store.all().relationships().getFirst();
        store.save(known);
        store.save(known.id(), store.state(known.id()).orElseThrow());
        AnswerStore answers = new AnswerStore(folder, Clock.systemUTC());
        answers.remember(COMMAND, answers.find(COMMAND).orElseThrow());
        assertThat(tree(Files.readAllBytes(relationship))).isEqualTo(tree(golden("relationship-1.json")));
        assertThat(tree(Files.readAllBytes(state))).isEqualTo(tree(golden("state-1.json")));
        assertThat(tree(Files.readAllBytes(answer))).isEqualTo(tree(golden("answer-1.json")));
    }

    @Test
    void readsWhatTheFirstReleaseWrote() throws IOException {
        put(FIRST, "relationship.json", golden("relationship-first-release.json"));
        put(FIRST, "state.json", golden("state-first-release.json"));
        answer(golden("answer-first-release.json"));
        assertThat(store.find(FIRST).orElseThrow().id()).isEqualTo(FIRST);
        assertThat(store.state(FIRST).orElseThrow().captured().position()).isEqualTo(new LogPosition(1, 6));
        assertThat(new AnswerStore(folder, Clock.systemUTC()).find(COMMAND)).contains(new CommandOutcome.Done());
        Path ended = put(RelationshipId.first(ItemId.random()), "ended.json",
                golden("relationship-first-release.json"));
        assertThat(store.ended()).singleElement().satisfies(it -> assertThat(it.item()).isEqualTo(ITEM));
        assertThat(ended).exists();
    }

    @Test
    void takesNothingOfALaterReleaseForAbsent() throws IOException {
        put(FIRST.next(), "relationship.json", ofALaterRelease("relationship-1.json"));
        put(FIRST.next(), "state.json", ofALaterRelease("state-1.json"));
        answer(ofALaterRelease("answer-1.json"));
        assertThat(store.all().relationships()).isEmpty();
        assertThat(store.all().unreadable()).singleElement()
                .satisfies(it -> assertThat(it.why()).contains("format 2", "later release"));
        AnswerStore answers = new AnswerStore(folder, Clock.systemUTC());
        for (Reading reading : List.<Reading>of(() -> store.find(FIRST.next()), () -> store.state(FIRST.next()),
                () -> answers.find(COMMAND))) {
            assertThatThrownBy(reading::read).isInstanceOfSatisfying(FailureException.class,
                    e -> assertThat(e.failure().code()).isEqualTo(FailureCode.FORMAT_TOO_NEW));
        }
        put(FIRST.next(), "ended.json", ofALaterRelease("relationship-1.json"));
        assertThat(store.ended()).as("nothing of it is removed").isEmpty();
    }

    /** Something that is read. */
    @FunctionalInterface
    private interface Reading {
        Object read() throws IOException;
    }
}
