package org.understudy.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import org.understudy.api.DisableRequest;
import org.understudy.api.Operation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code disable}: ends the protection of a VM. */
@Command(name = "disable", description = "Disable protection of a virtual machine.", sortOptions = false)
final class DisableCommand implements Callable<Integer> {
    @Mixin
    private ItemInvocation item;
    @Mixin
    private Consent consent;
    @Option(names = "--delete-replica", negatable = true, fallbackValue = "true",
            description = "delete the replica's disks and points (default: as the policy says)")
    private Optional<Boolean> deleteReplica = Optional.empty();
    @Option(names = "--forget", description = "remove it from the vault although an agent cannot be reached")
    private boolean forget;

    @Override
    public Integer call() {
        return item.ask(Operation.DISABLE_PROTECTION, new DisableRequest(deleteReplica, ItemInvocation.flag(forget)),
                (invocation, name) -> consent.require(invocation, "replication of " + name + " will end"));
    }
}
