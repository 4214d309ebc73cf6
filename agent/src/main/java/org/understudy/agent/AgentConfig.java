package org.understudy.agent;

import java.nio.file.Path;
import java.util.Objects;
import org.understudy.agent.target.BootFolder;
import org.understudy.agent.target.ImageFolder;

/**
 * What an agent is told when it starts.
 *
 * @param folder the agent's own: identity, remembered answers, relationships
 * @param replicas where replicas of other hosts' VMs are kept
 * @param boot where this host's administrator lays out kernels for VMs that begin from one
 * @param images where this host's administrator expects the images of VMs: those of a failed-over one are made there
 * @param replicationPort where other agents' segments arrive, 1 to 65535
 */
public record AgentConfig(Path folder, Path replicas, Path boot, Path images, int replicationPort) {
    public AgentConfig {
        folder = folder.toAbsolutePath();
        replicas = replicas.toAbsolutePath();
        boot = boot.toAbsolutePath();
        images = images.toAbsolutePath();
        Objects.checkIndex(replicationPort - 1, 65535);
    }

    /** One whose boot files and images lie where they usually do. */
    public AgentConfig(Path folder, Path replicas, int replicationPort) {
        this(folder, replicas, Path.of(BootFolder.USUAL), Path.of(ImageFolder.USUAL), replicationPort);
    }
}
