package org.understudy.lab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests of the one folder that a demo holds and gives back. */
class DemoFolderTest {
    @TempDir
    private Path folder;

    @Test
    void refusesASecondDemoAndNamesTheFirst() throws IOException {
        try (DemoFolder first = take("demo")) {
            assertThat(first.exists()).isFalse();
            assertThat(DemoFolder.take(parent(), "demo"))
                    .isEqualTo(new DemoFolder.Hold.Theirs(Long.toString(ProcessHandle.current().pid())));
        }
        take("demo").close();
    }

    @Test
    void letsDemosOfTwoLabsPass() throws IOException {
        try (DemoFolder one = take("one"); DemoFolder two = take("two")) {
            assertThat(one.path()).isNotEqualTo(two.path());
        }
    }

    @Test
    void leavesNothingWhenNothingWasKept() throws IOException {
        try (DemoFolder demo = take("demo")) {
            demo.create();
            Files.writeString(Files.createDirectories(demo.logs()).resolve("vault.log"), "started");
            demo.delete();
            demo.delete();
        }
        assertThat(parent()).doesNotExist();
    }

    @Test
    void tellsTheNextOneOfADemoThatWasKept() throws IOException {
        try (DemoFolder demo = take("demo")) {
            demo.create();
        }
        try (DemoFolder next = take("demo")) {
            assertThat(next.exists()).isTrue();
        }
    }

    @Test
    void findsTheProcessesThatWereGivenAPathInIt() throws IOException {
        try (DemoFolder demo = take("demo")) {
            demo.create();
            Path pipe = demo.path().resolve("pipe");
            assertThat(demo.processes()).isEmpty();
            Process reader = new ProcessBuilder("tail", "-f", "/dev/null", Files.createFile(pipe).toString()).start();
            try {
                assertThat(demo.processes()).extracting(ProcessHandle::pid).containsExactly(reader.pid());
            } finally {
                reader.destroyForcibly();
            }
        }
    }

    private Path parent() {
        return folder.resolve("demos");
    }

    private DemoFolder take(String lab) throws IOException {
        return ((DemoFolder.Hold.Ours) DemoFolder.take(parent(), lab)).folder();
    }
}
