package org.understudy.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import org.understudy.api.Operation;
import org.understudy.api.VaultClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code complete-migration}: a VM that was failed over stays where it is, and is protected no more. */
@Command(name = "complete-migration", sortOptions = false, description = {
        "End the protection of a VM that has moved for good: the failover is committed, replication removed.",
        "The VM at the source stays there as it is, shut down. There is no way back."})
final class CompleteMigrationCommand implements Callable<Integer> {
    @Mixin
    private Invocation invocation;
    @Mixin
    private Confirmation confirmation;
    @Parameters(paramLabel = "ITEM", description = "name or id")
    private String item;
    @Option(names = "--wait", description = "wait until it is done")
    private boolean wait;

    @Override
    public Integer call() {
        try (VaultClient client = invocation.client()) {
            if (confirmation.isDryRun()) {
                return Watch.dryRun(invocation, client.rehearse(item, Operation.COMPLETE_MIGRATION, Map.of()));
            }
            confirmation.requireName(invocation, item, "the recovery points of " + item
                    + " will be deleted and its protection ends; there is no way back to its source");
            return Watch.started(
                    invocation, client, client.operate(item, Operation.COMPLETE_MIGRATION, Map.of()), wait);
        }
    }
}
