package org.understudy.cli;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.understudy.api.HoldingView;
import org.understudy.api.RemoveHoldingRequest;
import org.understudy.api.VaultClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code host holdings}: what a host keeps of replicas. */
@Command(name = "holdings", description = {"List the folders of replicas on a host, of items that ended too.",
        "Sizes are some minutes old."}, sortOptions = false, subcommands = HoldingCommands.Remove.class)
final class HoldingCommands implements Callable<Integer> {
    @Mixin
    private Invocation invocation;
    @Parameters(arity = "0..1", paramLabel = "HOST", description = "name or id")
    private String host;

    @Override
    public Integer call() {
        if (host == null) {
            throw invocation.wrongUsage("Missing required parameter: 'HOST'");
        }
        return invocation.show(client -> client.holdings(host), HoldingCommands::table);
    }

    private static Table table(List<HoldingView> holdings) {
        return Table.of(holdings, HoldingCommands::row,
                "PATH", "VM", "ITEM", "FROM", "SIZE", "STANDING", "REMOVABLE", "FOUND");
    }

    private static List<?> row(HoldingView holding) {
        return List.of(holding.path(), holding.machine(), holding.item(), holding.source(), holding.bytes(),
                holding.standing(), holding.kept().map(why -> "no: " + why).orElse("yes"), holding.problems());
    }

    /** {@code host holdings remove}. */
    @Command(name = "remove", description = {"Remove the replica of an item that has ended, with its recovery points.",
            "Refused while an item or a VM needs it."}, sortOptions = false)
    static final class Remove implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Mixin
        private Confirmation confirmation;
        @Parameters(index = "0", paramLabel = "HOST", description = "name or id")
        private String host;
        @Parameters(index = "1", paramLabel = "ITEM", description = "the id in the list")
        private String item;
        @Option(names = "--let-go", paramLabel = "POINT", description = "the point that is kept in it and goes with it")
        private Optional<String> letGo = Optional.empty();
        @Option(names = "--wait", description = "wait until it is done")
        private boolean wait;

        @Override
        public Integer call() {
            RemoveHoldingRequest request = new RemoveHoldingRequest(letGo);
            try (VaultClient client = invocation.client()) {
                if (confirmation.isDryRun()) {
                    return Watch.dryRun(invocation, client.removeHoldingDryRun(host, item, request));
                }
                confirmation.require(invocation, "the replica " + item + " on host " + host + " will be deleted");
                return Watch.started(invocation, client, client.removeHolding(host, item, request), wait);
            }
        }
    }
}
