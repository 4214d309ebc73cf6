package org.understudy.cli;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The question before a command that takes something away, and the wish only to hear what it would do. */
final class Confirmation {
    @Mixin
    private Consent consent;

    @Option(names = "--dry-run", description = "say what would be done, change nothing")
    private boolean dryRun;

    boolean isDryRun() {
        return dryRun;
    }

    /** Returns when it is confirmed; otherwise wrong usage: nothing was done. */
    void require(Invocation invocation, String consequence) {
        consent.require(invocation, consequence);
    }
}
