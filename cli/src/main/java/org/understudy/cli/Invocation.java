package org.understudy.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.Console;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.understudy.api.ApiCodec;
import org.understudy.api.VaultClient;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** What commands share: which vault, and the form in which its answer is printed. One per command that runs. */
final class Invocation {
    @Mixin
    private Connection connection;

    @Option(names = {"-o", "--output"}, paramLabel = "table|json", defaultValue = "table",
            description = "form of the output (default: ${DEFAULT-VALUE})")
    private Form form;

    /** The forms of output. */
    enum Form { TABLE, JSON }

    /** The vault's client; the caller closes it. */
    VaultClient client() {
        return connection.client();
    }

    /** Asks the vault and prints the answer. */
    <T> int show(Function<VaultClient, T> question, Function<T, Table> asTable) {
        try (VaultClient client = client()) {
            print(question.apply(client), asTable);
        }
        return CommandLine.ExitCode.OK;
    }

    /** Has the vault do something that answers nothing, and says so. */
    int done(Consumer<VaultClient> action, String verb, String name) {
        try (VaultClient client = client()) {
            action.accept(client);
            say(verb, name);
        }
        return CommandLine.ExitCode.OK;
    }

    /** One fact, in the form wanted. */
    void say(String verb, String name) {
        if (isJson()) {
            Map<String, String> fact = new LinkedHashMap<>();
            fact.put("done", verb);
            fact.put("name", name);
            printJson(fact);
        } else {
            out().println(verb + " " + name);
        }
        out().flush();
    }

    <T> void print(T answer, Function<T, Table> asTable) {
        if (isJson()) {
            printJson(answer);
        } else {
            asTable.apply(answer).print(out());
        }
        out().flush();
    }

    boolean isJson() {
        return form == Form.JSON;
    }

    PrintWriter out() {
        return connection.out();
    }

    /** For what is not the answer: progress, questions. */
    PrintWriter err() {
        return connection.spec().commandLine().getErr();
    }

    /** The person's terminal, if there is one. */
    Optional<Console> terminal() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal);
    }

    ParameterException wrongUsage(String message) {
        return new ParameterException(connection.spec().commandLine(), message);
    }

    private void printJson(Object answer) {
        try {
            out().println(ApiCodec.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(answer));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("no JSON of " + answer, e);
        }
    }
}
