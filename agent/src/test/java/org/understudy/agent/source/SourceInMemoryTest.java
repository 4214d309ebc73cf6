package org.understudy.agent.source;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.replication.SourceEnd;
import org.understudy.replication.SourceEndContract;

/** The real source keeps the promises of every source, over a host in memory. */
class SourceInMemoryTest extends SourceEndContract {
    @TempDir
    private Path folder;
    private SourceInMemory memory;

    @BeforeEach
    void begin() throws IOException {
        memory = new SourceInMemory(folder);
    }

    @AfterEach
    void end() {
        memory.close();
    }

    @Override
    protected SourceEnd source() {
        return memory.source();
    }

    @Override
    protected void loseTrack() {
        memory.host.killQemu();
    }

    @Override
    protected void keep(int what) {
        memory.host.firmwareKeeps(what);
    }

    @Override
    protected void loseLogs() throws IOException {
        try (DirectoryStream<Path> logs = Files.newDirectoryStream(memory.logs, "*.hrl")) {
            for (Path log : logs) {
                Files.delete(log);
            }
        }
    }
}
