import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** Writes the manual page and the completion of all commands, in the words that --help has. The package build runs it. */
final class Manual {
    private final StringBuilder page = new StringBuilder();

    /** Version, date, output folder. */
    public static void main(String[] arguments) throws Exception {
        CommandLine root = command("org.understudy.cli.Main");
        CommandLine vault = root.getSubcommands().get("vault");
        command("org.understudy.vault.main.Main").getSubcommands().forEach((name, run) -> vault.addSubcommand(name, run));
        root.addSubcommand("agent", command("org.understudy.agent.main.Main"));
        Manual manual = new Manual();
        manual.page.append(".TH UNDERSTUDY 1 \"%s\" \"understudy %s\" \"Understudy\"%n".formatted(
                arguments[1], arguments[0]));
        manual.page.append(".SH NAME\nunderstudy \\- site recovery for virtual machines\n");
        manual.describe(root);
        manual.page.append("""
                .SH FILES
                .TP
                /etc/understudy/agent.conf, /etc/understudy/vault.conf
                Options of the services, one a line, without their dashes.
                .TP
                ~/.config/understudy/context.json
                The vault that "understudy login" remembered.
                .SH EXIT STATUS
                0 done, 1 the vault or the operation failed, 2 wrong usage.
                """);
        Path folder = Path.of(arguments[2]);
        Files.writeString(folder.resolve("understudy.1"), manual.page);
        Files.writeString(folder.resolve("understudy.bash"), AutoComplete.bash("understudy", root));
    }

    private static CommandLine command(String main) throws ReflectiveOperationException {
        CommandLine command = new CommandLine(Class.forName(main));
        command.setUsageHelpWidth(80);
        return command;
    }

    private void describe(CommandLine command) throws IOException {
        page.append(".SH ").append(escaped(command.getCommandSpec().qualifiedName().toUpperCase())).append('\n');
        StringWriter usage = new StringWriter();
        command.usage(new PrintWriter(usage), Ansi.OFF);
        page.append(".nf\n");
        usage.toString().lines().forEach(line -> page.append("\\&").append(escaped(line)).append('\n'));
        page.append(".fi\n");
        Set<CommandLine> subcommands = new LinkedHashSet<>(command.getSubcommands().values());
        for (CommandLine subcommand : List.copyOf(subcommands)) {
            if (!subcommand.getCommandSpec().usageMessage().hidden()) {
                describe(subcommand);
            }
        }
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\e").replace("-", "\\-");
    }
}
