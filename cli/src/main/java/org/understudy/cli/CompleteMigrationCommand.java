package org.understudy.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import org.understudy.api.Operation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code complete-migration}: a VM that was failed over stays where it is, and is protected no more. */
@Command(name = "complete-migration", sortOptions = false, description = {
        "End the protection of a VM that has moved for good: the failover is committed, replication removed.",
        "The VM at the source stays there as it is, shut down. There is no way back."})
final class CompleteMigrationCommand implements Callable<Integer> {
    @Mixin
    private ItemInvocation item;
    @Mixin
    private Consent consent;

    @Override
    public Integer call() {
        return item.ask(Operation.COMPLETE_MIGRATION, Map.of(), (invocation, name) ->
                consent.requireName(invocation, name, "the recovery points of " + name
                        + " will be deleted and its protection ends; there is no way back to its source"));
    }
}
