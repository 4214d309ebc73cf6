package org.understudy.agent.vault;

import java.io.IOException;
import org.understudy.command.AgentCommand;
import org.understudy.command.CommandOutcome;

/**
 * Carries out a command; what {@link CommandLoop} needs of the rest of the agent. Called by many threads, never by two
 * for one item. Throws a {@link org.understudy.model.FailureException} for what a person should read, and an
 * {@link IOException} when the hypervisor or a disk failed.
 */
@FunctionalInterface
public interface CommandExecutor {
    CommandOutcome execute(AgentCommand command) throws IOException;
}
