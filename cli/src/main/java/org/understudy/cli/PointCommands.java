package org.understudy.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.understudy.api.RecoveryPointView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code point}: the recovery points of an item. */
@Command(name = "point", description = "Recovery points.", mixinStandardHelpOptions = true,
        subcommands = PointCommands.ListAll.class)
final class PointCommands {
    private static Table table(List<RecoveryPointView> points) {
        return Table.of(points, point -> List.of(point.id(), point.capturedAt(), point.consistency()),
                "POINT", "CAPTURED AT", "CONSISTENCY");
    }

    /** {@code point list}. */
    @Command(name = "list", description = "List the recovery points of an item, newest first.", sortOptions = false)
    static final class ListAll implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Parameters(paramLabel = "ITEM", description = "name or id")
        private String item;

        @Option(names = "--limit", paramLabel = "N", defaultValue = "1000",
                description = "how many at most, 1 to 5000 (default: ${DEFAULT-VALUE})")
        private int limit;

        @Override
        public Integer call() {
            return invocation.show(client -> client.recoveryPoints(item, limit), PointCommands::table);
        }
    }
}
