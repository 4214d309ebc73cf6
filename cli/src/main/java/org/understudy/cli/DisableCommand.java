package org.understudy.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import org.understudy.api.DisableRequest;
import org.understudy.api.VaultClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code disable}: ends the protection of a VM. */
@Command(name = "disable", description = "Disable protection of a virtual machine.", sortOptions = false)
final class DisableCommand implements Callable<Integer> {
    @Mixin
    private Invocation invocation;
    @Mixin
    private Confirmation confirmation;
    @Parameters(paramLabel = "ITEM", description = "name or id")
    private String item;
    @Option(names = "--delete-replica", negatable = true, fallbackValue = "true",
            description = "delete the replica's disks and points (default: as the policy says)")
    private Optional<Boolean> deleteReplica = Optional.empty();
    @Option(names = "--forget", description = "remove it from the vault although an agent cannot be reached")
    private boolean forget;
    @Option(names = "--wait", description = "wait until it is done")
    private boolean wait;

    @Override
    public Integer call() {
        DisableRequest request = new DisableRequest(deleteReplica, forget ? Optional.of(true) : Optional.empty());
        try (VaultClient client = invocation.client()) {
            if (confirmation.isDryRun()) {
                return Watch.dryRun(invocation, client.disableDryRun(item, request));
            }
            confirmation.require(invocation, "replication of " + item + " will end");
            return Watch.started(invocation, client, client.disable(item, request), wait);
        }
    }
}
