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
 * The product's agent, wired as its own main class wires it but for one thing: its hypervisor is watched by a witness.
 * Arguments: the agent's folder, the replicas' folder, the file of the witness's notes.
 */
final class WitnessAgent {
    private static final int REPLICATION_PORT = 8084;

    private WitnessAgent() {}

    /** The command that runs it in a host on the folder of the agent that was deployed there. */
    static List<String> command(WitnessNotes notes) {
        return List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m",
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                WitnessAgent.class.getName(), AgentProcess.DATA.toString(),
                AgentProcess.DATA.resolve("replicas").toString(), notes.file().toString());
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        AgentConfig config = new AgentConfig(Path.of(arguments[0]), Path.of(arguments[1]), REPLICATION_PORT);
        Clock clock = Clock.systemUTC();
        Hypervisor hypervisor = WitnessHypervisor.over(
                new LibvirtHypervisor("qemu:///system", clock), new WitnessNotes(Path.of(arguments[2])));
        Agent agent = Agent.start(config, hypervisor, clock);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("end").unstarted(agent::close));
        new CountDownLatch(1).await();
    }
}
