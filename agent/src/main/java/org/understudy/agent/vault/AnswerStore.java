package org.understudy.agent.vault;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.understudy.command.AgentReport;
import org.understudy.command.CommandId;
import org.understudy.command.CommandOutcome;
import org.understudy.command.KeptJson;
import org.understudy.disk.DurableFile;
import org.understudy.disk.FolderAccess;
import org.understudy.disk.Folders;

/**
 * How past commands ended, so that a command asked again is answered, not run again: one file a command in
 * {@code answers/}, kept for 30 days, which outlasts any job, and forgotten within a day after that. Used by one
 * thread at a time.
 */
public final class AnswerStore {
    private static final int FORMAT = 1;
    private static final Duration KEPT = Duration.ofDays(30);
    private static final Duration LOOK_EVERY = Duration.ofDays(1);

    private final Path folder;
    private final Clock clock;
    private Instant nextLook;

    public AnswerStore(Path agentFolder, Clock clock) throws IOException {
        this.folder = Folders.make(agentFolder.resolve("answers"), FolderAccess.PRIVATE);
        this.clock = clock;
        this.nextLook = clock.instant();
        forgetOld();
    }

    /**
     * The remembered end of a command, or empty when it never ended here.
     *
     * @throws org.understudy.model.FailureException FORMAT_TOO_NEW when a later release wrote it
     */
    public Optional<CommandOutcome> find(CommandId id) throws IOException {
        Optional<byte[]> bytes = DurableFile.read(file(id));
        if (bytes.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(KeptJson.read(file(id), bytes.get(), AgentReport.CommandEnded.class, FORMAT).outcome());
    }

    /** Durable when it returns. */
    public void remember(CommandId id, CommandOutcome outcome) throws IOException {
        DurableFile.replace(
                file(id), KeptJson.write(new AgentReport.CommandEnded(id, outcome), FORMAT));
        forgetOld();
    }

    private Path file(CommandId id) {
        return folder.resolve(id.value().replace('/', '_') + ".json");
    }

    /** Looks once a day; an agent runs for years. */
    private void forgetOld() throws IOException {
        if (clock.instant().isBefore(nextLook)) {
            return;
        }
        nextLook = clock.instant().plus(LOOK_EVERY);
        List<Path> old = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.json")) {
            for (Path file : files) {
                if (Files.getLastModifiedTime(file).toInstant().isBefore(clock.instant().minus(KEPT))) {
                    old.add(file);
                }
            }
        }
        for (Path file : old) {
            Files.deleteIfExists(file);
        }
    }
}
