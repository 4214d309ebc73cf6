package org.understudy.cli;

import java.util.Optional;
import org.understudy.api.Operation;
import org.understudy.api.VaultClient;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * What commands share that ask an operation of a protected item: which item, whether to wait for the end of its job, or
 * only to hear what it would do. One per command that runs, in place of an {@link Invocation}.
 */
final class ItemInvocation {
    @Mixin
    private Invocation invocation;
    @Parameters(index = "0", paramLabel = "ITEM", description = "name or id")
    private String item;
    @Option(names = "--wait", description = "wait until its job has ended or waits for you, and show the steps")
    private boolean wait;
    @Option(names = "--dry-run", description = "say what would be done, change nothing")
    private boolean dryRun;

    /** What happens before the operation is asked for; for a dry run nothing does. */
    @FunctionalInterface
    interface Question {
        /** Returns when it may go on; otherwise wrong usage: nothing was done. */
        void put(Invocation invocation, String item);
    }

    /** Asks for an operation that takes nothing away. */
    int ask(Operation operation, Object request) {
        return ask(operation, request, (_, _) -> { });
    }

    /** Asks for an operation behind a question to the person. */
    int ask(Operation operation, Object request, Question question) {
        if (!dryRun) {
            question.put(invocation, item);
        }
        try (VaultClient client = invocation.client()) {
            return dryRun
                    ? Watch.dryRun(invocation, client.rehearse(item, operation, request))
                    : Watch.started(invocation, client, client.operate(item, operation, request), wait);
        }
    }

    /** A flag as requests have it: not there unless it was given. Wrong usage if it takes a reason and has none. */
    Optional<Boolean> forced(boolean force, Optional<String> reason) {
        if (force && reason.filter(text -> !text.isBlank()).isEmpty()) {
            throw invocation.wrongUsage("--force needs --reason");
        }
        return flag(force);
    }

    /** A flag as requests have it: not there unless it was given. */
    static Optional<Boolean> flag(boolean given) {
        return given ? Optional.of(true) : Optional.empty();
    }
}
