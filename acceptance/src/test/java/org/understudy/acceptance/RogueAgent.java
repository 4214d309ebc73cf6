package org.understudy.acceptance;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.understudy.agent.Agent;
import org.understudy.agent.AgentConfig;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.hypervisor.libvirt.LibvirtHypervisor;
import org.understudy.lab.deployment.AgentProcess;

/**
 * The product's agent at a host that somebody hostile owns: it keeps to the protocol, holds a certificate of the vault
 * and tells forged definitions. Arguments: the agent's folder, the replicas' folder, the folder of the forgeries.
 */
final class RogueAgent {
    private static final int REPLICATION_PORT = 8084;

    private RogueAgent() {}

    /** The command that runs it in a host on the folder of the agent that was deployed there. */
    static List<String> command(Path forgeries) {
        return List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m",
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                RogueAgent.class.getName(), AgentProcess.DATA.toString(),
                AgentProcess.DATA.resolve("replicas").toString(), forgeries.toString());
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        AgentConfig config = new AgentConfig(Path.of(arguments[0]), Path.of(arguments[1]), REPLICATION_PORT);
        Clock clock = Clock.systemUTC();
        Hypervisor hypervisor = RogueHypervisor.over(
                new LibvirtHypervisor("qemu:///system", clock), Path.of(arguments[2]));
        Agent agent = Agent.start(config, hypervisor, clock);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("end").unstarted(agent::close));
        new CountDownLatch(1).await();
    }
}
