package org.understudy.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import org.understudy.api.Operation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code commit}: makes a failover final. */
@Command(name = "commit", sortOptions = false, description = {
        "Commit a failover: the VM stays as it runs, its other recovery points are deleted."})
final class CommitCommand implements Callable<Integer> {
    @Mixin
    private ItemInvocation item;
    @Mixin
    private Consent consent;

    @Override
    public Integer call() {
        return item.ask(Operation.COMMIT, Map.of(), (invocation, name) ->
                consent.require(invocation, "the recovery points of " + name + " will be deleted"));
    }
}
