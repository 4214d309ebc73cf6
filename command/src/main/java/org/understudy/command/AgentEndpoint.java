package org.understudy.command;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
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

    /** In the query of a request for commands: the start of the agent that asks, as {@link Reports#start}. */
    public static final String START = "start";

    /** What one request of reports may have at most, in bytes; a larger one is answered REQUEST_TOO_LARGE. */
    public static final int REPORTS_BYTES_MAX = 8 * 1024 * 1024;
    /** Up to where an agent fills one request; a single report may go beyond. */
    public static final int REPORTS_BYTES_USUAL = 1024 * 1024;
    /** How many reports one request may have. */
    public static final int REPORTS_MAX = 1000;

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
    public record IssuedCommand(
            CommandId id, @JsonDeserialize(using = CommandCodec.AnyCommand.class) AgentCommand command) {}

    /** What waits for the agent. */
    public record Commands(List<IssuedCommand> commands) {
        public Commands {
            commands = List.copyOf(commands);
        }
    }

    /**
     * What the agent tells, in order; {@value #REPORTS_MAX} at most.
     *
     * @param start which start of the agent this is, drawn anew each time; empty from an agent that does not tell. Two
     *     that live at the same time are two machines with one identity
     * @param number grows with every request of that start: what comes after a larger one is late and says nothing new
     */
    public record Reports(
            Optional<UUID> start, long number,
            @JsonDeserialize(contentUsing = CommandCodec.AnyReport.class) List<AgentReport> reports) {
        public Reports {
            Objects.requireNonNull(reports, "reports");
            start = Objects.requireNonNullElse(start, Optional.empty());
            if (reports.size() > REPORTS_MAX) {
                throw new IllegalArgumentException(
                        REPORTS_MAX + " reports at most in one request, not " + reports.size());
            }
            reports = List.copyOf(reports);
        }

        /** From an agent that does not tell which start of it this is. */
        public Reports(List<AgentReport> reports) {
            this(Optional.empty(), 0, reports);
        }
    }

    /**
     * What the vault says to reports.
     *
     * @param inventory whether it wants the inventory, for the one it has is another than the agent last told
     * @param roles those that VMs of the host are to have from now on; empty where the host's own are right
     * @param attachments what the host is to keep of its replicas' networks; empty where it keeps that
     */
    public record Taken(boolean inventory, List<ToldRole> roles, Optional<ToldAttachments> attachments) {
        public Taken {
            roles = roles == null ? List.of() : List.copyOf(roles);
            attachments = Objects.requireNonNullElse(attachments, Optional.empty());
        }

        /** With nothing to say of roles. */
        public Taken(boolean inventory) {
            this(inventory, List.of(), Optional.empty());
        }
    }
}
