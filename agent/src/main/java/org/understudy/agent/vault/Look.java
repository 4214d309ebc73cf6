package org.understudy.agent.vault;

import java.util.List;
import java.util.Optional;
import org.understudy.command.AgentReport;
import org.understudy.command.AgentReport.RunningCommand;
import org.understudy.model.Failure;

/**
 * How everything on a host stands at one moment, taken part by part: what could not be taken is a trouble and hides
 * nothing else.
 *
 * @param version the agent's
 * @param inventory empty while it is not known
 * @param progress of every item
 * @param roles of every VM that has one; empty while they are not known
 */
public record Look(
        String version, List<RunningCommand> running, List<Failure> troubles,
        Optional<AgentReport.Inventory> inventory, List<AgentReport.ItemProgress> progress,
        Optional<AgentReport.Roles> roles) {
    public Look {
        running = List.copyOf(running);
        troubles = List.copyOf(troubles);
        progress = List.copyOf(progress);
    }

    /** Of a host of which no roles are known. */
    public Look(String version, List<RunningCommand> running, List<Failure> troubles,
            Optional<AgentReport.Inventory> inventory, List<AgentReport.ItemProgress> progress) {
        this(version, running, troubles, inventory, progress, Optional.empty());
    }
}
