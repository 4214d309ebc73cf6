package org.understudy.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code completion}: the completion script for bash and zsh. */
@Command(name = "completion", description = {"Print the completion script for bash and zsh:",
    "source <(understudy completion)"}, sortOptions = false)
final class CompletionCommand implements Runnable {
    @Option(names = {"-h", "--help"}, usageHelp = true, description = "show this help")
    private boolean help;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().getOut().println(AutoComplete.bash("understudy", spec.root().commandLine()));
        spec.commandLine().getOut().flush();
    }
}
