package org.understudy.agent;

import java.nio.file.Path;
import java.util.Objects;

/**
 * What an agent is told when it starts.
 *
 * @param folder the agent's own: identity, remembered answers, relationships
 * @param replicas where replicas of other hosts' VMs are kept
 * @param replicationPort where other agents' segments arrive, 1 to 65535
 */
public record AgentConfig(Path folder, Path replicas, int replicationPort) {
    public AgentConfig {
        folder = folder.toAbsolutePath();
        replicas = replicas.toAbsolutePath();
        Objects.checkIndex(replicationPort - 1, 65535);
    }
}
