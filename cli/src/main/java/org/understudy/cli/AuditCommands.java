package org.understudy.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.understudy.api.AuditView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code audit}: who did what, and who was refused. */
@Command(name = "audit", description = "Audit records.", mixinStandardHelpOptions = true,
        subcommands = AuditCommands.ListAll.class)
final class AuditCommands {
    private static Table table(List<AuditView> records) {
        return Table.of(records, one -> List.of(one.at(), one.actor(), one.action(), one.object(), one.outcome(),
                one.details()), "AT", "WHO", "WHAT", "OF", "OUTCOME", "DETAILS");
    }

    /** {@code audit list}. */
    @Command(name = "list", description = "List the newest audit records, newest first.", sortOptions = false)
    static final class ListAll implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Option(names = "--limit", paramLabel = "N", defaultValue = "100",
                description = "how many (default: ${DEFAULT-VALUE})")
        private int limit;

        @Override
        public Integer call() {
            return invocation.show(client -> client.audit(limit), AuditCommands::table);
        }
    }
}
