package org.understudy.agent.main;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import org.understudy.agent.Agent;
import org.understudy.agent.AgentConfig;
import org.understudy.hypervisor.libvirt.LibvirtHypervisor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs the agent until it is told to end. */
@Command(name = "run", description = "Run the agent of this host.", mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
    private static final Pattern DRIVER = Pattern.compile("[a-z][a-z0-9+]*:/");

    @Option(names = "--data", required = true, paramLabel = "DIR", description = "The agent's folder.")
    private Path data;

    @Option(
            names = "--libvirt-uri",
            defaultValue = "qemu:///system",
            paramLabel = "URI",
            description = "This host's libvirt (default: ${DEFAULT-VALUE}).")
    private String libvirt;

    @Option(
            names = "--replica-folder",
            paramLabel = "DIR",
            description = "Where replicas of other hosts' VMs are kept; QEMU must be able to read it (default: "
                    + "replicas in the agent's folder).")
    private Path replicas;

    @Mixin
    private ReplicationPort replicationPort;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        // A libvirtd that is away comes back; an address without a driver never leads to one.
        if (!DRIVER.matcher(libvirt).lookingAt()) {
            throw new ParameterException(spec.commandLine(),
                    "--libvirt-uri is \"" + libvirt + "\"; it begins with a driver, as qemu:///system does");
        }
        AgentConfig config = new AgentConfig(
                data, replicas == null ? data.resolve("replicas") : replicas, replicationPort.number());
        Clock clock = Clock.systemUTC();
        Agent agent = Agent.start(config, new LibvirtHypervisor(libvirt, clock), clock);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("end").unstarted(agent::close));
        // Until a signal: the hook then closes the agent while this thread still waits.
        new CountDownLatch(1).await();
        return 0;
    }
}
