package org.understudy.agent.vault;

import java.time.Duration;
import java.util.List;
import org.understudy.command.AgentEndpoint;
import org.understudy.command.AgentReport;

/**
 * The vault as the agent's two loops need it. Every method blocks, and throws a
 * {@link org.understudy.model.FailureException} when the vault is out of reach or refuses.
 */
public interface VaultEnd {
    /** Waits at the vault until a command is there or the wait is over. */
    List<AgentEndpoint.IssuedCommand> commands(Duration wait);

    /** Hands reports over; the vault has stored them when this returns. */
    AgentEndpoint.Taken report(List<AgentReport> reports);
}
