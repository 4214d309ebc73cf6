package org.understudy.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import org.understudy.api.VaultClient;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options that say which vault, and where a command prints. */
final class Connection {
    @Option(names = "--vault", paramLabel = "URL", description = "address of the vault, https://host:port")
    private Optional<String> vault = Optional.empty();

    @Option(names = "--ca", paramLabel = "FILE", description = "certificate of the vault's authority, PEM")
    private Optional<Path> authority = Optional.empty();

    @Option(names = "--token-file", paramLabel = "FILE", description = "file with a token of the vault")
    private Optional<Path> tokenFile = Optional.empty();

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "show this help")
    private boolean help;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    /** The vault's client; the caller closes it. */
    VaultClient client() {
        return new VaultClient(Context.find(new Context.Wanted(vault, authority, tokenFile), System.getenv()));
    }

    CommandSpec spec() {
        return spec;
    }

    PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
