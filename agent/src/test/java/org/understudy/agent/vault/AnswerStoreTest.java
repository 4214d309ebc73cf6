package org.understudy.agent.vault;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.command.CommandId;
import org.understudy.command.CommandOutcome;
import org.understudy.model.JobId;

/** A command that succeeded is answered from memory, also by the next process. */
class AnswerStoreTest {
    private final CommandId id = new CommandId(JobId.random() + "/start");

    @TempDir
    private Path folder;

    @Test
    void remembersTheEndOfACommandAcrossRestarts() throws Exception {
        new AnswerStore(folder, Clock.systemUTC()).remember(id, new CommandOutcome.Done());
        assertThat(new AnswerStore(folder, Clock.systemUTC()).find(id)).contains(new CommandOutcome.Done());
    }

    @Test
    void knowsNothingOfACommandThatNeverEnded() throws Exception {
        assertThat(new AnswerStore(folder, Clock.systemUTC()).find(id)).isEmpty();
    }

    @Test
    void forgetsAnswersThatNoJobCanAskForAnyMore() throws Exception {
        new AnswerStore(folder, Clock.systemUTC()).remember(id, new CommandOutcome.Done());
        try (var files = Files.list(folder.resolve("answers"))) {
            Files.setLastModifiedTime(files.findFirst().orElseThrow(),
                    FileTime.from(Clock.systemUTC().instant().minus(Duration.ofDays(31))));
        }
        assertThat(new AnswerStore(folder, Clock.systemUTC()).find(id)).isEmpty();
    }

    @Test
    void forgetsThemWhileItRunsAsWellAsWhenItStarts() throws Exception {
        var now = new Object() {
            Instant instant = Clock.systemUTC().instant();
        };
        AnswerStore store = new AnswerStore(folder, new Clock() {
            @Override
            public Instant instant() {
                return now.instant;
            }

            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }
        });
        store.remember(id, new CommandOutcome.Done());
        now.instant = now.instant.plus(Duration.ofDays(31));
        store.remember(new CommandId(JobId.random() + "/start"), new CommandOutcome.Done());
        assertThat(store.find(id)).isEmpty();
    }
}
