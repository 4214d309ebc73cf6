package org.understudy.command;

import java.util.List;
import java.util.Objects;
import org.understudy.model.HostId;

/**
 * The words between an agent and the vault's agent endpoint, JSON over HTTPS, agents calling (C-03):
 * {@code POST /agent/v1/register} without a client certificate, then with one
 * {@code GET /agent/v1/commands?wait=seconds}
 * (answers at once when a command waits, else after the wait, with a list that may be empty) and
 * {@code POST /agent/v1/reports}. A command is handed out again until its end was reported.
 */
public final class AgentEndpoint {
    public static final String REGISTER = "/agent/v1/register";
    public static final String COMMANDS = "/agent/v1/commands";
    public static final String REPORTS = "/agent/v1/reports";

    private AgentEndpoint() {}

    /**
     * Asks to become a host of the vault.
     *
     * @param key the secret of the registration key
     * @param certificateRequest PKCS#10, PEM, for the agent's own key pair
     * @param replicationAddress where other agents reach this one's replication port
     */
    public record Registration(
            String key, String hostName, String certificateRequest, String replicationAddress, int replicationPort,
            String version) {}

    /** The agent's new identity; PEM certificates, valid from now. */
    public record Registered(HostId host, String certificate, String authority) {}

    /** A command with the identity under which its end is reported. */
    public record IssuedCommand(CommandId id, AgentCommand command) {}

    /** What waits for the agent. */
    public record Commands(List<IssuedCommand> commands) {
        public Commands {
            commands = List.copyOf(commands);
        }
    }

    /** What the agent tells, in order; 1000 at most. */
    public record Reports(List<AgentReport> reports) {
        public Reports {
            Objects.requireNonNull(reports, "reports");
            if (reports.size() > 1000) {
                throw new IllegalArgumentException("1000 reports at most in one request, not " + reports.size());
            }
            reports = List.copyOf(reports);
        }
    }
}
