package org.understudy.agent.main;

import org.understudy.agent.Agent;
import org.understudy.model.FailureException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line of the agent: {@code understudy agent register} once, {@code understudy agent run} from then on. */
@Command(
        name = "understudy agent",
        description = "The process on every KVM host: replicates its VMs and keeps replicas of others'.",
        mixinStandardHelpOptions = true,
        version = Agent.VERSION,
        subcommands = {RegisterCommand.class, RunCommand.class, ChangeLogCommand.class, TrainCommand.class})
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Main())
                .setExecutionExceptionHandler(Main::tell)
                .execute(arguments));
    }

    private static int tell(Exception problem, CommandLine command, CommandLine.ParseResult parsed) {
        var out = command.getErr();
        if (problem instanceof FailureException known) {
            out.println("error: " + known.failure().code());
            out.println("  " + known.failure().message());
            out.println("  " + known.failure().recommendedAction());
        } else {
            out.println("error: " + problem);
        }
        return 1;
    }
}
