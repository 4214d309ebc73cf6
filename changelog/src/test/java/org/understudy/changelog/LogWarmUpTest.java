package org.understudy.changelog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log that a process writes and reads for nothing. */
class LogWarmUpTest {
    @TempDir
    private Path folder;

    @Test
    void leavesNothingBehind() throws IOException {
        new LogWarmUp(folder).run();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void writesOverWhatAKillLeft() throws IOException {
        Files.writeString(folder.resolve("warm-up.hrl"), "torn");
        new LogWarmUp(folder).run();
        assertThat(folder).isEmptyDirectory();
    }
}
