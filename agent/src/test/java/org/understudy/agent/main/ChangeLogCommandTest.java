package org.understudy.agent.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What an operator sees of a change log. */
class ChangeLogCommandTest {
    private static final Path GOLDEN =
            Path.of("../changelog/src/test/resources/org/understudy/changelog/version-1.hrl");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int print(Path file) {
        return new CommandLine(new ChangeLogCommand()).setOut(new PrintWriter(out)).setErr(new PrintWriter(err))
                .execute(file.toString());
    }

    @Test
    void printsHeaderFramesAndSums() {
        assertThat(print(GOLDEN)).isZero();
        assertThat(out.toString()).contains("vm  ", "position  ", "data ", "whole  ");
    }

    @Test
    void printsWhatIsThereBeforeTheDamageAndSaysWhereThatIs(@TempDir Path folder) throws IOException {
        byte[] bytes = Files.readAllBytes(GOLDEN);
        bytes[bytes.length - 1] ^= 1;
        Path damaged = Files.write(folder.resolve("vda.1-7.hrl"), bytes);
        assertThat(print(damaged)).isEqualTo(1);
        assertThat(out.toString()).contains("position  ").doesNotContain("whole  ");
        assertThat(err.toString()).contains("error: change log", "at offset");
    }
}
