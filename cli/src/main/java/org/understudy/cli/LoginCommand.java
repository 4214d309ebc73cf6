package org.understudy.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.understudy.api.VaultAddress;
import org.understudy.api.VaultClient;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code login}: remembers a vault after it answered. */
@Command(name = "login", description = "Remember a vault for later commands.", sortOptions = false)
final class LoginCommand implements Callable<Integer> {
    @Option(names = "--vault", required = true, paramLabel = "URL", description = "address, https://host:port")
    private String vault;

    @Option(names = "--ca", required = true, paramLabel = "FILE", description = "certificate of its authority, PEM")
    private Path authority;

    @Option(names = "--token-file", required = true, paramLabel = "FILE", description = "file with a token of it")
    private Path tokenFile;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "show this help")
    private boolean help;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        Context.Wanted wanted = new Context.Wanted(
                Optional.of(vault), Optional.of(authority),
                Optional.of(tokenFile));
        VaultAddress address = Context.find(wanted, System.getenv());
        try (VaultClient client = new VaultClient(address)) {
            String name = client.vault().name();
            Path file = Context.remember(address, System.getenv());
            spec.commandLine().getOut().println("vault " + name + " at " + address + " remembered in " + file);
        }
        return CommandLine.ExitCode.OK;
    }
}
