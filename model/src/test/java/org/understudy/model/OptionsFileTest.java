package org.understudy.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file of options completes what was typed, and passes over nothing that it does not understand. */
class OptionsFileTest {
    private static final Map<String, Set<String>> COMMANDS = Map.of(
            "run", Set.of("--data", "--port", "--folder"), "register", Set.of("--data", "--key"));

    @TempDir
    private Path folder;

    @Test
    void givesACommandTheOptionsThatItHasAndThatWereNotTyped() throws IOException {
        OptionsFile options = file("# remark", "data = /var/lib/a b", "", "port=1", "folder = /f");

        assertThat(options.complete(List.of("run", "--port", "2"), COMMANDS))
                .containsExactlyInAnyOrder("run", "--data=/var/lib/a b", "--folder=/f", "--port", "2")
                .startsWith("run");
        assertThat(options.complete(List.of("run", "--data=/x", "--folder=/y"), COMMANDS))
                .containsExactly("run", "--port=1", "--data=/x", "--folder=/y");
        assertThat(options.complete(List.of("register", "--key", "k"), COMMANDS))
                .containsExactly("register", "--data=/var/lib/a b", "--key", "k");
    }

    @Test
    void leavesOtherCommandsAndHelpAlone() throws IOException {
        OptionsFile options = file("data = /d");

        assertThat(options.complete(List.of(), COMMANDS)).isEmpty();
        assertThat(options.complete(List.of("--help"), COMMANDS)).containsExactly("--help");
        assertThat(options.complete(List.of("changelog", "f"), COMMANDS)).containsExactly("changelog", "f");
    }

    @Test
    void refusesALineThatSaysNothingByItsNumber() {
        assertThatThrownBy(() -> file("data = /d", "folder"))
                .isInstanceOf(FailureException.class).hasMessageContaining("Line 2 of").hasMessageContaining("folder");
        assertThatThrownBy(() -> file("data = /d", "data = /e")).hasMessageContaining("Line 2 of");
        assertThatThrownBy(() -> file("", "replica-foldr = /d").complete(List.of("run"), COMMANDS))
                .isInstanceOf(FailureException.class)
                .hasMessageContaining("Line 2 of").hasMessageContaining("\"replica-foldr\"");
    }

    private OptionsFile file(String... lines) throws IOException {
        return OptionsFile.read(Files.write(folder.resolve("options"), List.of(lines)));
    }
}
