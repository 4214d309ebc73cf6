package org.understudy.agent.main;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.understudy.agent.AgentConfig;
import org.understudy.agent.check.HostCheck;
import org.understudy.agent.identity.IdentityStore;
import org.understudy.command.CommandCodec;
import org.understudy.model.HostFact;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Looks whether this host has what replication needs; changes nothing. */
@Command(
        name = "check",
        description = "Look whether this host has what replication needs: each yes, no or unknown, with what to do. "
                + "Changes nothing. Exit code 1 when something needed is missing.",
        mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
    /** How the facts are printed. */
    enum Output { text, json }

    @Option(names = "--data", required = true, paramLabel = "DIR", description = "The agent's folder.")
    private Path data;

    @Mixin
    private HostOptions host;

    @Mixin
    private ReplicationPort replicationPort;

    @Option(names = "--output", paramLabel = "FORMAT", defaultValue = "text", description = "text or json")
    private Output output;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Main.quietLog();
        AgentConfig config = new AgentConfig(data, host.replicas(data), replicationPort.number());
        List<HostFact> facts = new HostCheck(config, host.libvirt(), new IdentityStore(config.folder()).load(),
                Clock.systemUTC()).facts();
        print(facts);
        return facts.stream().anyMatch(HostFact::hinders) ? 1 : 0;
    }

    private void print(List<HostFact> facts) throws JsonProcessingException {
        PrintWriter out = spec.commandLine().getOut();
        switch (output) {
            case json -> out.println(CommandCodec.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(facts));
            case text -> facts.forEach(fact -> tell(fact, out));
        }
        out.flush();
    }

    static void tell(HostFact fact, PrintWriter out) {
        out.printf("%-7s  %s%n", fact.verdict().name().toLowerCase(Locale.ROOT), fact.fact());
        Optional.of(fact.whatToDo()).filter(text -> !text.isEmpty()).ifPresent(text ->
                out.printf("         %s%s%n", fact.hinders() ? "needed: " : "", text));
    }
}
