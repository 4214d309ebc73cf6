package org.understudy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a table promises to eyes. */
class TableTest {
    private static String printed(Table table) {
        StringWriter out = new StringWriter();
        table.print(new PrintWriter(out, true));
        return out.toString();
    }

    @Test
    void makesEachColumnAsWideAsItsWidestCell() {
        assertThat(printed(Table.headed("NAME", "ID").row("stockholm", 7).row("a", 12)))
                .isEqualToNormalizingNewlines("NAME       ID\nstockholm  7\na          12\n");
    }

    @Test
    void showsNoCharacterThatMovesTheCursorOrFakesALine() {
        assertThat(printed(Table.headed("NAME").row("kvm\u001b[2J\n2026 admin")))
                .isEqualToNormalizingNewlines("NAME\nkvm\ufffd[2J\ufffd2026 admin\n");
    }

    @Test
    void saysWhatIsNotThereAndTellsTimesToTheMillisecond() {
        Instant at = Instant.parse("2026-11-21T17:10:34.336428626Z");
        assertThat(printed(Table.facts().row("at", at).row("ended", Optional.empty()).row("last", Optional.of(at))
                .row("sites", List.of())))
                .isEqualToNormalizingNewlines("""
                        at     2026-11-21T17:10:34.336Z
                        ended  -
                        last   2026-11-21T17:10:34.336Z
                        sites  -
                        """);
    }
}
