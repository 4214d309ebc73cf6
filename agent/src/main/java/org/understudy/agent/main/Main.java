package org.understudy.agent.main;

import ch.qos.logback.classic.Level;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.agent.Agent;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.FailureTeller;
import org.understudy.model.OptionsFile;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.TypeConversionException;

/** The command line of the agent: {@code understudy agent register} once, {@code understudy agent run} from then on. */
@Command(
        name = "understudy agent",
        description = "The process on every KVM host: replicates its VMs and keeps replicas of others'.",
        mixinStandardHelpOptions = true,
        version = Agent.VERSION,
        subcommands = {
            RegisterCommand.class, CheckCommand.class, RunCommand.class, FailoverCommand.class, ReleaseCommand.class,
            ChangeLogCommand.class, TrainCommand.class})
public final class Main {
    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(execute(commandLine(), arguments));
    }

    /** Runs what was typed, completed by the options that the administrator wrote down. */
    static int execute(CommandLine commands, String... arguments) {
        try {
            Map<String, Set<String>> known = new HashMap<>();
            commands.getSubcommands().forEach((name, command) ->
                    known.put(name, command.getCommandSpec().optionsMap().keySet()));
            return commands.execute(OptionsFile.completed(arguments, known));
        } catch (FailureException e) {
            return tell(e, commands);
        }
    }

    /** The parser with all commands; its writers may be replaced. */
    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .registerConverter(Path.class, Main::path)
                .setExecutionExceptionHandler((problem, command, parsed) -> tell(problem, command));
    }

    /** For a command whose answer is for a person at a terminal: the log keeps to what went wrong. */
    static void quietLog() {
        if (LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME) instanceof ch.qos.logback.classic.Logger root) {
            root.setLevel(Level.WARN);
        }
    }

    /** An empty path would be the folder in which the command was typed. */
    private static Path path(String text) {
        if (text.isBlank()) {
            throw new TypeConversionException("it is empty");
        }
        return Path.of(text);
    }

    private static int tell(Exception problem, CommandLine command) {
        var out = command.getErr();
        Failure failure = FailureTeller.failure(problem);
        if (failure.code() == FailureCode.INTERNAL_ERROR) {
            LOG.error("command met a defect", problem);
        }
        out.println("error: " + failure.code());
        out.println("  " + failure.message());
        out.println("  " + failure.recommendedAction());
        return 1;
    }
}
