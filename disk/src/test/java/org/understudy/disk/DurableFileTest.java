package org.understudy.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A durable file is the old or the new, whatever an earlier crash left beside it. */
class DurableFileTest {
    @TempDir
    private Path folder;

    @Test
    void readsWhatReplacedItLast() throws IOException {
        Path file = folder.resolve("state.json");
        assertThat(DurableFile.read(file)).isEmpty();
        DurableFile.replace(file, "long and old".getBytes());
        DurableFile.replace(file, "new".getBytes());
        assertThat(DurableFile.read(file)).hasValue("new".getBytes());
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void ignoresWhatACrashLeftBeside() throws IOException {
        Path file = folder.resolve("state.json");
        DurableFile.replace(file, "old".getBytes());
        Files.writeString(folder.resolve("state.json.new"), "torn and longer than what comes");
        assertThat(DurableFile.read(file)).hasValue("old".getBytes());
        DurableFile.replace(file, "new".getBytes());
        assertThat(DurableFile.read(file)).hasValue("new".getBytes());
    }

    @Test
    void deletesWhatIsThere() throws IOException {
        Path file = folder.resolve("state.json");
        DurableFile.replace(file, new byte[0]);
        assertThat(DurableFile.delete(file)).isTrue();
        assertThat(DurableFile.delete(file)).isFalse();
    }

    @Test
    void deletesWhatACrashLeftBesideSoThatTheFolderCanGo() throws IOException {
        Path file = Files.createDirectory(folder.resolve("item")).resolve("state.json");
        DurableFile.replace(file, new byte[0]);
        Files.writeString(file.resolveSibling("state.json.new"), "torn");
        assertThat(DurableFile.delete(file)).isTrue();
        Files.delete(file.getParent());
    }

    @Test
    void tellsTheSpaceLeftForAPathThatExists() throws IOException {
        assertThat(FreeSpace.of(folder).bytes()).isPositive();
        assertThatThrownBy(() -> FreeSpace.of(folder.resolve("not"))).isInstanceOf(NoSuchFileException.class);
    }
}
