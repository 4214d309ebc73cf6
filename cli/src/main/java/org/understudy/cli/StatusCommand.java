package org.understudy.cli;

import java.util.concurrent.Callable;
import org.understudy.api.VaultClient;
import org.understudy.api.VaultView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code status}: the vault as a whole. */
@Command(name = "status", description = "Show the vault.", sortOptions = false)
final class StatusCommand implements Callable<Integer> {
    @Mixin
    private Invocation invocation;

    @Override
    public Integer call() {
        return invocation.show(VaultClient::vault, StatusCommand::table);
    }

    static Table table(VaultView vault) {
        return Table.facts()
                .row("name", vault.name())
                .row("id", vault.id())
                .row("version", vault.version())
                .row("time", vault.now())
                .row("sites", vault.sites())
                .row("hosts", vault.hosts())
                .row("items", vault.items())
                .row("active jobs", vault.activeJobs())
                .row("database", "PostgreSQL %s, fsync %s, synchronous_commit %s".formatted(
                        vault.database().serverVersion(), vault.database().fsync(),
                        vault.database().synchronousCommit()));
    }
}
