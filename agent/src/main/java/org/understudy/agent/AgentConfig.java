package org.understudy.agent;

import java.nio.file.Path;
import java.util.Objects;
import org.understudy.agent.target.BootFolder;

/**
 * What an agent is told when it starts.
 *
 * @param folder the agent's own: identity, remembered answers, relationships
 * @param replicas where replicas of other hosts' VMs are kept
 * @param boot where this host's administrator lays out kernels for VMs that begin from one
 * @param replicationPort where other agents' segments arrive, 1 to 65535
 */
public record AgentConfig(Path folder, Path replicas, Path boot, int replicationPort) {
    public AgentConfig {
        folder = folder.toAbsolutePath();
        replicas = replicas.toAbsolutePath();
        boot = boot.toAbsolutePath();
        Objects.checkIndex(replicationPort - 1, 65535);
    }

    /** One whose boot files lie where they usually do. */
    public AgentConfig(Path folder, Path replicas, int replicationPort) {
        this(folder, replicas, Path.of(BootFolder.USUAL), replicationPort);
    }
}
