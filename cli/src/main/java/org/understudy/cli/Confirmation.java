package org.understudy.cli;

import java.util.Locale;
import picocli.CommandLine.Option;

/** The question before a command that takes something away; {@code --yes} answers it where nobody can be asked. */
final class Confirmation {
    @Option(names = {"-y", "--yes"}, description = "do not ask")
    private boolean yes;

    @Option(names = "--dry-run", description = "say what would be done, change nothing")
    private boolean dryRun;

    boolean isDryRun() {
        return dryRun;
    }

    /** Returns when the name was typed again, for what cannot be got back by anybody; otherwise wrong usage. */
    void requireName(Invocation invocation, String name, String consequence) {
        if (yes) {
            return;
        }
        var terminal = invocation.terminal().orElseThrow(() -> invocation.wrongUsage(
                consequence + "; nobody can be asked here, so add --yes to confirm it"));
        String answer = terminal.readLine("%s. Type %s to go on: ", consequence, name);
        if (answer == null || !answer.strip().equals(name)) {
            throw invocation.wrongUsage("not confirmed, nothing was done");
        }
    }

    /** Returns when it is confirmed; otherwise wrong usage: nothing was done. */
    void require(Invocation invocation, String consequence) {
        if (yes) {
            return;
        }
        var terminal = invocation.terminal().orElseThrow(() -> invocation.wrongUsage(
                consequence + "; nobody can be asked here, so add --yes to confirm it"));
        String answer = terminal.readLine("%s. Go on? [y/N] ", consequence);
        if (answer == null || !answer.strip().toLowerCase(Locale.ROOT).startsWith("y")) {
            throw invocation.wrongUsage("not confirmed, nothing was done");
        }
    }
}
