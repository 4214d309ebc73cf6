package org.understudy.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import org.understudy.api.Operation;
import org.understudy.api.VaultClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code commit}: makes a failover final. */
@Command(name = "commit", description = "Commit a failover: its other recovery points are deleted.",
        sortOptions = false)
final class CommitCommand implements Callable<Integer> {
    @Mixin
    private Invocation invocation;
    @Mixin
    private Confirmation confirmation;
    @Parameters(paramLabel = "ITEM", description = "name or id")
    private String item;
    @Option(names = "--wait", description = "wait until it is committed")
    private boolean wait;

    @Override
    public Integer call() {
        try (VaultClient client = invocation.client()) {
            if (confirmation.isDryRun()) {
                return Watch.dryRun(invocation, client.rehearse(item, Operation.COMMIT, Map.of()));
            }
            confirmation.require(invocation, "the recovery points of " + item + " will be deleted");
            return Watch.started(invocation, client, client.commit(item), wait);
        }
    }
}
