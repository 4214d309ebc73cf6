package org.understudy.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.understudy.model.FailureCode;

/** The handbook's chapter of errors is the catalogue, not a copy of it: run with {@code -Dwrite=true} to write it. */
class ErrorsChapterTest {
    private static final Path CHAPTER = Path.of("..", "docs", "user", "errors.md");

    @Test
    void tellsEveryErrorOfTheCatalogue() throws IOException {
        String chapter = chapter();
        if (Boolean.getBoolean("write")) {
            Files.writeString(CHAPTER, chapter);
        }
        assertThat(CHAPTER).hasContent(chapter);
    }

    private static String chapter() {
        StringBuilder text = new StringBuilder("""
                # Errors by their code

                Every error that Understudy shows has a code, a message that names the thing and the fact, and what to \
                do next.
                The same record travels from agent to vault, REST and command line.
                """);
        section(text, FailureCode.Kind.CALLER_MISTAKE, "The request was wrong; nothing was changed");
        section(text, FailureCode.Kind.TRY_AGAIN, "It may pass by itself; Understudy tries again");
        section(text, FailureCode.Kind.NEEDS_OPERATOR, "It needs a decision or a hand");
        section(text, FailureCode.Kind.CORRUPT_DATA, "Something is damaged; nothing is guessed around it");
        section(text, FailureCode.Kind.DEFECT, "A defect of Understudy");
        return text.toString();
    }

    private static void section(StringBuilder text, FailureCode.Kind kind, String title) {
        text.append("\n## ").append(title).append("\n\n| code | what to do |\n|---|---|\n");
        List.of(FailureCode.values()).stream().filter(code -> code.kind() == kind).forEach(code ->
                text.append("| `").append(code).append("` | ").append(code.recommendedAction()).append(" |\n"));
    }
}
