package org.understudy.agent.main;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.understudy.agent.Agent;
import org.understudy.agent.AgentConfig;
import org.understudy.agent.check.HostCheck;
import org.understudy.agent.identity.AgentIdentity;
import org.understudy.agent.identity.Enrolment;
import org.understudy.agent.identity.HostRemains;
import org.understudy.agent.identity.IdentityStore;
import org.understudy.agent.identity.KeyFile;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostFact;
import org.understudy.model.OptionsFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Joins this host to a vault with a registration key. */
@Command(
        name = "register",
        description = "Join this host to a vault, with a registration key made there.",
        mixinStandardHelpOptions = true)
final class RegisterCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--key", required = true, paramLabel = "FILE", description = "The registration key's file.")
    private Path key;

    @Option(names = "--data", required = true, paramLabel = "DIR", description = "The agent's folder.")
    private Path data;

    @Option(names = "--name", paramLabel = "NAME", description = "The host's name in the vault (this machine's name).")
    private String name;

    @Option(
            names = "--replication-address",
            required = true,
            paramLabel = "ADDRESS",
            description = "Where other agents reach this one.")
    private String replicationAddress;

    @Mixin
    private HostOptions host;

    @Mixin
    private ReplicationPort replicationPort;

    @Option(names = "--vault", paramLabel = "URL", description = "The vault's address, if not the one in the key.")
    private String vault;

    @Option(names = "--replace", description = "Register although this agent already belongs to a vault.")
    private boolean replace;

    @Override
    public Integer call() throws IOException {
        Main.quietLog();
        int port = replicationPort.number();
        ReplicationAddress address = ReplicationAddress.parse(replicationAddress);
        IdentityStore identities = new IdentityStore(data);
        Optional<AgentIdentity> known = identities.load();
        if (known.isPresent() && !replace) {
            throw FailureException.of(
                    FailureCode.ALREADY_EXISTS,
                    "This agent is host " + known.get().host() + " of the vault at " + known.get().vaultUrl() + ".",
                    "Run it, or register it anew with --replace.");
        }
        identities.requireWritable();
        KeyFile keyFile = KeyFile.read(key);
        if (known.isEmpty()) {
            new HostRemains(data, host.replicas(data)).requireNoneFor(keyFile);
        }
        String hostName = name == null ? nameOfThisMachine() : name;
        AgentIdentity identity = new Enrolment(identities, Agent.version()).register(
                keyFile, Optional.ofNullable(vault), hostName, address.value(), port);
        spec.commandLine().getOut().println("Host " + hostName + " (" + identity.host() + ") belongs to the vault at "
                + identity.vaultUrl() + ".");
        address.warning().ifPresent(fact -> CheckCommand.tell(fact, spec.commandLine().getOut()));
        host.layHook(data);
        warn(identity, port);
        spec.commandLine().getOut().println("Next: " + next());
        return 0;
    }

    /** What is not as it should be on this host; it is registered all the same. */
    private void warn(AgentIdentity identity, int port) {
        AgentConfig config = new AgentConfig(data, host.replicas(data), port);
        List<HostFact> wanting = new HostCheck(config, host.libvirt(), Optional.of(identity),
                Clock.systemUTC()).facts().stream().filter(fact -> fact.verdict() == HostFact.Verdict.NO).toList();
        PrintWriter out = spec.commandLine().getOut();
        wanting.forEach(fact -> CheckCommand.tell(fact, out));
        out.println(wanting.isEmpty() ? "This host has what replication needs."
                : "All that was looked at: " + command() + " agent check" + (isPackage() ? "" : " --data " + data));
    }

    private static boolean isPackage() {
        return OptionsFile.named().isPresent();
    }

    private static String command() {
        return System.getProperty("understudy.command", "understudy");
    }

    /** The very command: the service of a package, or the process itself in a checkout, which needs no other option. */
    private String next() {
        return isPackage() ? "systemctl enable --now understudy-agent" : command() + " agent run --data " + data;
    }

    private static String nameOfThisMachine() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            throw FailureException.of(FailureCode.REQUEST_INVALID,
                    "This machine does not know its own name: " + e.getMessage() + ".",
                    "Give the host a name with --name.").causedBy(e);
        }
    }
}
