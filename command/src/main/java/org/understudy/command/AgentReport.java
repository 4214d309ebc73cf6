package org.understudy.command;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.understudy.model.ByteCount;
import org.understudy.model.Failure;
import org.understudy.model.HostFact;
import org.understudy.model.LogPosition;
import org.understudy.model.Portability;
import org.understudy.model.RelationshipId;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VirtualNetwork;

/** What an agent tells the vault. Sent at least every few seconds; any report is a heartbeat. */
@JsonTypeInfo(
        use = JsonTypeInfo.Id.NAME, property = "report", visible = true, defaultImpl = AgentReport.Unknown.class)
@JsonSubTypes({
    @JsonSubTypes.Type(value = AgentReport.Heartbeat.class, name = "heartbeat"),
    @JsonSubTypes.Type(value = AgentReport.CommandEnded.class, name = "command-ended"),
    @JsonSubTypes.Type(value = AgentReport.Inventory.class, name = "inventory"),
    @JsonSubTypes.Type(value = AgentReport.HostFacts.class, name = "host-facts"),
    @JsonSubTypes.Type(value = AgentReport.Roles.class, name = "roles"),
    @JsonSubTypes.Type(value = AgentReport.SourceProgress.class, name = "source-progress"),
    @JsonSubTypes.Type(value = AgentReport.TargetProgress.class, name = "target-progress"),
    @JsonSubTypes.Type(value = AgentReport.Refused.class, name = "refused"),
})
public sealed interface AgentReport {
    /**
     * The agent is there, and this is what it is busy with.
     *
     * @param running the commands that it carries out now, or will as soon as their turn comes: signs of life of each
     * @param troubles what keeps the agent itself, or its look at the host, from going on; of no item in particular
     * @param inventory {@link Inventory#digest} of the inventory that it told last, if that still holds
     */
    record Heartbeat(
            String version, List<RunningCommand> running, List<Failure> troubles, Optional<String> inventory)
            implements AgentReport {
        public Heartbeat {
            version = Objects.requireNonNullElse(version, "");
            running = running == null ? List.of() : List.copyOf(running);
            troubles = troubles == null ? List.of() : List.copyOf(troubles);
            inventory = Objects.requireNonNullElse(inventory, Optional.empty());
        }

        /** Of an agent that has nothing to do and no trouble. */
        public Heartbeat(String version) {
            this(version, List.of(), List.of(), Optional.empty());
        }
    }

    /**
     * A command that an agent carries out.
     *
     * @param since when it was begun, by the agent's clock
     * @param progress what it does just now, for people; empty when it has no words for that
     * @param unanswered for how long the hypervisor has not answered what it was asked for it; empty while it is asked
     *     nothing, and in what versions before 0.2 tell
     */
    record RunningCommand(CommandId id, Instant since, Optional<String> progress, Optional<Duration> unanswered) {
        public RunningCommand {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(since, "since");
            progress = Objects.requireNonNullElse(progress, Optional.empty());
            unanswered = Objects.requireNonNullElse(unanswered, Optional.empty());
        }

        /** Of one for which the hypervisor is not asked. */
        public RunningCommand(CommandId id, Instant since, Optional<String> progress) {
            this(id, since, progress, Optional.empty());
        }
    }

    /** A command ended; reported until the vault has taken it. */
    record CommandEnded(CommandId id, CommandOutcome outcome) implements AgentReport {}

    /**
     * What the host has now; told when it is another than the last, and when the vault asks.
     *
     * @param digest a short word of its agent for all of it: two inventories with the same one are the same
     */
    record Inventory(List<VirtualMachine> machines, List<VirtualNetwork> networks, String digest)
            implements AgentReport {
        public Inventory {
            machines = List.copyOf(machines);
            networks = List.copyOf(networks);
            digest = digest == null ? CommandCodec.digest(List.of(machines, networks)) : digest;
        }

        public Inventory(List<VirtualMachine> machines, List<VirtualNetwork> networks) {
            this(machines, networks, null);
        }
    }

    /** What the agent found when it looked at its host; told when it is another than the last. */
    record HostFacts(List<HostFact> facts) implements AgentReport {
        public HostFacts {
            facts = List.copyOf(facts);
        }
    }

    /**
     * The roles of all VMs of the host that have one; told when they changed, and now and then.
     *
     * @param attachments {@link ToldAttachments#digest} of what the host keeps; empty when it keeps none
     */
    record Roles(List<HeldRole> roles, Optional<String> attachments) implements AgentReport {
        public Roles {
            roles = List.copyOf(roles);
            attachments = Objects.requireNonNullElse(attachments, Optional.empty());
        }

        /** Of a host that keeps no attachments. */
        public Roles(List<HeldRole> roles) {
            this(roles, Optional.empty());
        }
    }

    /** How one direction of an item stands at one of its ends; told when it changed, and now and then. */
    sealed interface ItemProgress extends AgentReport permits SourceProgress, TargetProgress {
        RelationshipId relationship();

        /** Of which relationship and which of its ends. */
        default Key key() {
            return new Key(relationship(), getClass());
        }

        /** A relationship's end. */
        record Key(RelationshipId relationship, Class<? extends ItemProgress> end) {}
    }

    /**
     * How an item stands at its source.
     *
     * @param covered how much of the disks initial replication has passed, of {@code total}
     * @param waiting bytes of closed logs that the target has not acknowledged yet
     * @param sent bytes put on the wire since the relationship began
     * @param changed bytes of changed blocks captured since the relationship began
     * @param trouble why replication does not go on just now; empty when it does
     * @param attempt how many times in a row it was tried, 0 when it goes on
     * @param nextAttempt when it is tried again
     * @param resynchronizing why the disks are covered anew, until the target holds them whole again; an agent of a
     *     release before tells it as a trouble
     * @param compared of the disks, meanwhile, what was compared with what the target holds
     * @param equal of that, what the target holds already; the rest was shipped
     */
    record SourceProgress(
            @JsonUnwrapped RelationshipId relationship, LogPosition captured, LogPosition acknowledged,
            ByteCount covered, ByteCount total, ByteCount waiting, ByteCount sent, ByteCount changed,
            Optional<Instant> lastAcknowledgedInstant, Optional<Failure> trouble, int attempt,
            Optional<Instant> nextAttempt, Optional<Failure> resynchronizing, ByteCount compared, ByteCount equal)
            implements ItemProgress {
        public SourceProgress {
            compared = Objects.requireNonNullElse(compared, ByteCount.ZERO);
            equal = Objects.requireNonNullElse(equal, ByteCount.ZERO);
            resynchronizing = Objects.requireNonNullElse(resynchronizing, Optional.empty());
        }

        /** One whose disks are not covered anew. */
        public SourceProgress(
                RelationshipId relationship, LogPosition captured, LogPosition acknowledged, ByteCount covered,
                ByteCount total, ByteCount waiting, ByteCount sent, ByteCount changed,
                Optional<Instant> lastAcknowledgedInstant, Optional<Failure> trouble, int attempt,
                Optional<Instant> nextAttempt) {
            this(relationship, captured, acknowledged, covered, total, waiting, sent, changed,
                    lastAcknowledgedInstant, trouble, attempt, nextAttempt, Optional.empty(), ByteCount.ZERO,
                    ByteCount.ZERO);
        }
    }

    /**
     * How an item stands at its target.
     *
     * @param held the recovery points that can be started; an agent of the first release told the list of them
     * @param journal bytes received and not applied yet
     * @param trouble why segments are not taken or not applied just now
     * @param machine what this host makes of the VM as it was at the newest position; empty when it has not looked yet
     * @param handOver how far the disks of the VM are its own, after its failover was committed; empty when they are,
     *     and in what earlier agents tell
     */
    record TargetProgress(
            @JsonUnwrapped RelationshipId relationship, LogPosition acknowledged, LogPosition applied,
            ByteCount journal,
            @JsonAlias("points") @JsonDeserialize(using = PointsHeld.Words.class) PointsHeld held,
            Optional<Failure> trouble, Optional<Portability> machine, Optional<HandOverProgress> handOver)
            implements ItemProgress {
        public TargetProgress {
            held = Objects.requireNonNullElse(held, PointsHeld.NONE);
            machine = Objects.requireNonNullElse(machine, Optional.empty());
            handOver = Objects.requireNonNullElse(handOver, Optional.empty());
        }

        /** The same, with how far the disks of a committed VM are its own. */
        public TargetProgress handingOver(Optional<HandOverProgress> standing) {
            return new TargetProgress(relationship, acknowledged, applied, journal, held, trouble, machine, standing);
        }

        /** One that says nothing of the VM. */
        public TargetProgress(
                RelationshipId relationship, LogPosition acknowledged, LogPosition applied, ByteCount journal,
                PointsHeld held, Optional<Failure> trouble) {
            this(relationship, acknowledged, applied, journal, held, trouble, Optional.empty(), Optional.empty());
        }
    }

    /** Somebody asked this agent for what is not theirs; kept in the vault's audit (SEC-04). */
    record Refused(String peer, Failure failure) implements AgentReport {
        public Refused {
            Objects.requireNonNull(peer, "peer");
            Objects.requireNonNull(failure, "failure");
        }
    }

    /**
     * What this vault cannot read: a kind of a newer agent, or one that says something unheard of. Skipped, so that it
     * holds up nothing else.
     *
     * @param kind the agent's word for it; empty when it had none
     */
    record Unknown(@JsonProperty("report") String kind) implements AgentReport {
        public Unknown {
            kind = Objects.requireNonNullElse(kind, "");
        }
    }
}
