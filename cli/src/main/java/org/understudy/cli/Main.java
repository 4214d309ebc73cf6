package org.understudy.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import org.understudy.model.Failure;
import org.understudy.model.FailureTeller;
import org.understudy.model.PlainText;
import picocli.CommandLine.Command;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine;

/** The {@code understudy} command. Exit codes: 0 done, 1 the vault or the operation failed, 2 wrong usage. */
@Command(name = "understudy", mixinStandardHelpOptions = true, version = "understudy 0.1.0",
        description = "Site recovery for virtual machines: the vault's command line.",
        synopsisSubcommandLabel = "COMMAND", sortOptions = false,
        subcommands = {
            LoginCommand.class, StatusCommand.class, VaultCommands.class, RegistrationKeyCommands.class,
            SiteCommands.class, HostCommands.class, CloudCommands.class, PairCommands.class, PolicyCommands.class,
            NetworkCommands.class, VmCommands.class, ProtectCommand.class, ItemCommands.class, PointCommands.class,
            FailoverCommands.class, CommitCommand.class, CompleteMigrationCommand.class, DisableCommand.class,
            JobCommands.class, AuditCommands.class, OpenApiCommand.class, CompletionCommand.class,
            CommandLine.HelpCommand.class,
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
                .registerConverter(Duration.class, Main::duration)
                .registerConverter(Path.class, Main::path)
                .setExecutionExceptionHandler((e, command, parsed) -> failed(e, command));
    }

    private static int failed(Exception e, CommandLine command) {
        print(FailureTeller.failure(e), command.getErr());
        return CommandLine.ExitCode.SOFTWARE;
    }

    /** An empty path would be the folder in which the command was typed. */
    private static Path path(String text) {
        if (text.isBlank()) {
            throw new TypeConversionException("it is empty");
        }
        return Path.of(text);
    }

    private static Duration duration(String text) {
        try {
            return Duration.parse(text);
        } catch (DateTimeParseException e) {
            throw new TypeConversionException("'" + text + "' is no duration; write PT30M, PT12H or P2D");
        }
    }

    /** A failure as people read it: what, and what to do. */
    static void print(Failure failure, PrintWriter err) {
        err.println("error " + failure.code() + ": " + PlainText.of(failure.message()));
        err.println("what to do: " + PlainText.of(failure.recommendedAction()));
        err.flush();
    }
}
