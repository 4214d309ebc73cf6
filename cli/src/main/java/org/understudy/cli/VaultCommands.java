package org.understudy.cli;

import java.util.concurrent.Callable;
import org.understudy.api.VaultClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code vault}: the vault as a whole; {@code show} is the same as {@code status}. */
@Command(name = "vault", description = "The vault itself.", mixinStandardHelpOptions = true,
        subcommands = VaultCommands.Show.class)
final class VaultCommands {
    /** {@code vault show}. */
    @Command(name = "show", description = "Show the vault.", sortOptions = false)
    static final class Show implements Callable<Integer> {
        @Mixin
        private Invocation invocation;

        @Override
        public Integer call() {
            return invocation.show(VaultClient::vault, StatusCommand::table);
        }
    }
}
