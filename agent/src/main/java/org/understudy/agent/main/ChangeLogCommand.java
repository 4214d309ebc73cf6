package org.understudy.agent.main;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.understudy.changelog.ChangeLogException;
import org.understudy.changelog.ChangeLogPrinter;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.FailureTeller;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints a change log or an undo log as text, up to the damage if there is any; needs no running agent. */
@Command(
        name = "changelog",
        description = "Print a change log (.hrl) or an undo log (.hru): its header, its frames, its sums.",
        mixinStandardHelpOptions = true)
final class ChangeLogCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "A closed log; damage ends the text and is exit code 1.")
    private Path file;

    @Override
    public Integer call() {
        var out = spec.commandLine().getOut();
        try {
            ChangeLogPrinter.print(file, out::println);
            return 0;
        } catch (ChangeLogException damaged) {
            spec.commandLine().getErr().println("error: " + damaged.getMessage());
            return 1;
        } catch (IOException e) {
            throw FailureException.of(FailureCode.REQUEST_INVALID,
                    "Change log " + file + " cannot be read: " + FailureTeller.reason(e) + ".",
                    "Name a file that ends with .hrl or .hru.").causedBy(e);
        } finally {
            out.flush();
        }
    }
}
