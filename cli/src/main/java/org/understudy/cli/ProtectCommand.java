package org.understudy.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import org.understudy.api.JobView;
import org.understudy.api.ProtectRequest;
import org.understudy.api.VaultClient;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code protect}: enables protection of a VM. */
@Command(name = "protect", description = "Protect a virtual machine.", sortOptions = false)
final class ProtectCommand implements Callable<Integer> {
    @Mixin
    private Invocation invocation;
    @Parameters(paramLabel = "VM", description = "name or id")
    private String machine;
    @Option(names = "--host", paramLabel = "HOST", description = "its host, when several have a VM of that name")
    private Optional<String> host = Optional.empty();
    @Option(names = "--target-host", paramLabel = "HOST", description = "where the replica goes (default: chosen)")
    private Optional<String> targetHost = Optional.empty();
    @Option(names = "--wait", description = "wait until initial replication is done and the VM is protected")
    private boolean wait;
    @Option(names = "--dry-run", description = "say what would be done, change nothing")
    private boolean dryRun;

    @Override
    public Integer call() {
        ProtectRequest request = new ProtectRequest(machine, host, targetHost);
        try (VaultClient client = invocation.client()) {
            if (dryRun) {
                return Watch.dryRun(invocation, client.protectDryRun(request));
            }
            JobView job = client.protect(request);
            if (wait) {
                return new Watch(invocation, client).protection(job.id());
            }
            invocation.print(job, JobCommands::begun);
        }
        return CommandLine.ExitCode.OK;
    }
}
