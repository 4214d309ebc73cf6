package org.understudy.cli;

import java.util.Locale;
import picocli.CommandLine.Option;

/** A person's word that something may be taken away; {@code --yes} gives it where nobody can be asked. */
final class Consent {
    @Option(names = {"-y", "--yes"}, description = "do not ask")
    private boolean yes;

    /** Returns when the name was typed again, for what cannot be got back by anybody; otherwise wrong usage. */
    void requireName(Invocation invocation, String name, String consequence) {
        if (!yes && !name.equals(answer(invocation, consequence, "%s. Type %s to go on: ", consequence, name))) {
            throw invocation.wrongUsage("not confirmed, nothing was done");
        }
    }

    /** Returns when it is confirmed; otherwise wrong usage: nothing was done. */
    void require(Invocation invocation, String consequence) {
        if (!yes && !answer(invocation, consequence, "%s. Go on? [y/N] ", consequence)
                .toLowerCase(Locale.ROOT).startsWith("y")) {
            throw invocation.wrongUsage("not confirmed, nothing was done");
        }
    }

    private static String answer(Invocation invocation, String consequence, String question, Object... words) {
        var terminal = invocation.terminal().orElseThrow(() -> invocation.wrongUsage(
                consequence + "; nobody can be asked here, so add --yes to confirm it"));
        String answer = terminal.readLine(question, words);
        return answer == null ? "" : answer.strip();
    }
}
