package org.understudy.cli;

import java.io.PrintWriter;
import org.understudy.model.Failure;
import org.understudy.model.FailureException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The {@code understudy} command. Exit codes: 0 done, 1 the vault or the operation failed, 2 wrong usage. */
@Command(name = "understudy", mixinStandardHelpOptions = true, version = "understudy 0.1.0",
        description = "Site recovery for virtual machines: the vault's command line.",
        synopsisSubcommandLabel = "COMMAND", sortOptions = false,
        subcommands = {
            LoginCommand.class, StatusCommand.class, VaultCommands.class, RegistrationKeyCommands.class,
            SiteCommands.class, HostCommands.class, CloudCommands.class, PairCommands.class, PolicyCommands.class,
            NetworkCommands.class, VmCommands.class, ProtectCommand.class, ItemCommands.class, PointCommands.class,
            FailoverCommands.class, CommitCommand.class, DisableCommand.class, JobCommands.class,
            AuditCommands.class, OpenApiCommand.class, CompletionCommand.class, CommandLine.HelpCommand.class,
        },
        footer = {"", "The vault is found by --vault, --ca and --token-file, else by",
            "UNDERSTUDY_VAULT, UNDERSTUDY_CA_FILE and UNDERSTUDY_TOKEN_FILE,",
            "else as \"understudy login\" remembered it."})
public final class Main {
    private Main() {}

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    /** The parser with all commands; its writers may be replaced. */
    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((e, command, parsed) -> failed(e, command));
    }

    private static int failed(Exception e, CommandLine command) throws Exception {
        if (!(e instanceof FailureException failed)) {
            throw e;
        }
        print(failed.failure(), command.getErr());
        return CommandLine.ExitCode.SOFTWARE;
    }

    /** A failure as people read it: what, and what to do. */
    static void print(Failure failure, PrintWriter err) {
        err.println("error " + failure.code() + ": " + failure.message());
        err.println("what to do: " + failure.recommendedAction());
        err.flush();
    }
}
