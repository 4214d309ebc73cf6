package org.understudy.agent.main;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.understudy.agent.Agent;
import org.understudy.agent.AgentConfig;
import org.understudy.agent.check.HostCheck;
import org.understudy.agent.identity.IdentityStore;
import org.understudy.agent.target.BootFolder;
import org.understudy.agent.target.ImageFolder;
import org.understudy.hypervisor.libvirt.LibvirtHypervisor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the agent until it is told to end. */
@Command(name = "run", description = "Run the agent of this host.", mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
    @Option(names = "--data", required = true, paramLabel = "DIR", description = "The agent's folder.")
    private Path data;

    @Mixin
    private HostOptions host;

    @Option(
            names = "--boot-folder",
            defaultValue = BootFolder.USUAL,
            paramLabel = "DIR",
            description = "Where kernels, initial RAM disks and device trees lie for VMs that begin from such files; "
                    + "no others are opened (default: ${DEFAULT-VALUE}).")
    private Path boot;

    @Option(
            names = "--image-folder",
            defaultValue = ImageFolder.USUAL,
            paramLabel = "DIR",
            description = "Where the images of a VM that fails over to this host are made, as <vm>-<disk>.qcow2; where "
                    + "it is not there, they are made in the replica's folder (default: ${DEFAULT-VALUE}).")
    private Path images;

    @Mixin
    private ReplicationPort replicationPort;

    @Override
    public Integer call() throws IOException, InterruptedException {
        String libvirt = host.libvirt();
        AgentConfig config = new AgentConfig(data, host.replicas(data), boot, images, replicationPort.number());
        host.layHook(data);
        Clock clock = Clock.systemUTC();
        Agent agent = Agent.start(config, new LibvirtHypervisor(libvirt, clock), clock);
        agent.watchHost(new HostCheck(config, libvirt, new IdentityStore(data).load(), clock)::facts);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("end").unstarted(agent::close));
        // Until a signal: the hook then closes the agent while this thread still waits.
        new CountDownLatch(1).await();
        return 0;
    }
}
