package org.understudy.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.understudy.api.LetPointGoRequest;
import org.understudy.api.Operation;
import org.understudy.api.RecoveryPointView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code point}: the recovery points of an item. */
@Command(name = "point", description = "Recovery points.", mixinStandardHelpOptions = true,
        subcommands = {PointCommands.ListAll.class, PointCommands.LetGo.class})
final class PointCommands {
    private static Table table(List<RecoveryPointView> points) {
        return Table.of(points, point -> List.of(point.id(), point.capturedAt(), point.consistency(),
                        point.kept() ? "until it is let go" : ""),
                "POINT", "CAPTURED AT", "CONSISTENCY", "KEPT");
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

    /** {@code point let-go}. */
    @Command(name = "let-go", sortOptions = false, description = {
            "Let a recovery point go that is kept because what it holds is nowhere else:",
            "what the disks of an old source held, when its VM ran elsewhere already."})
    static final class LetGo implements Callable<Integer> {
        @Mixin
        private ItemInvocation item;
        @Mixin
        private Consent consent;
        @Parameters(index = "1", paramLabel = "POINT", description = "its id, as point list shows it: 2-0")
        private String point;

        @Override
        public Integer call() {
            return item.ask(Operation.LET_POINT_GO, new LetPointGoRequest(point), (invocation, name) ->
                    consent.requireName(invocation, point, "what point " + point + " of " + name
                            + " holds and is nowhere else will be lost"));
        }
    }
}
