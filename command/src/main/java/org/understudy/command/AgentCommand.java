package org.understudy.command;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.HostId;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;
import org.understudy.model.VmId;

/** What the vault asks of one agent. Each is idempotent: run twice it leaves what running it once left. */
@JsonTypeInfo(
        use = JsonTypeInfo.Id.NAME, property = "command", visible = true, defaultImpl = AgentCommand.Unknown.class)
@JsonSubTypes({
    @JsonSubTypes.Type(value = AgentCommand.RefreshInventory.class, name = "refresh-inventory"),
    @JsonSubTypes.Type(value = AgentCommand.PrepareReplica.class, name = "prepare-replica"),
    @JsonSubTypes.Type(value = AgentCommand.StartReplication.class, name = "start-replication"),
    @JsonSubTypes.Type(value = AgentCommand.ResumeReplication.class, name = "resume-replication"),
    @JsonSubTypes.Type(value = AgentCommand.PauseReplication.class, name = "pause-replication"),
    @JsonSubTypes.Type(value = AgentCommand.FinishReplication.class, name = "finish-replication"),
    @JsonSubTypes.Type(value = AgentCommand.StopReplication.class, name = "stop-replication"),
    @JsonSubTypes.Type(value = AgentCommand.RemoveReplica.class, name = "remove-replica"),
    @JsonSubTypes.Type(value = AgentCommand.StartTestFailover.class, name = "start-test-failover"),
    @JsonSubTypes.Type(value = AgentCommand.CleanUpTestFailover.class, name = "clean-up-test-failover"),
    @JsonSubTypes.Type(value = AgentCommand.ShutDownMachine.class, name = "shut-down-machine"),
    @JsonSubTypes.Type(value = AgentCommand.StartMachine.class, name = "start-machine"),
    @JsonSubTypes.Type(value = AgentCommand.FenceReplica.class, name = "fence-replica"),
    @JsonSubTypes.Type(value = AgentCommand.ReleaseReplica.class, name = "release-replica"),
    @JsonSubTypes.Type(value = AgentCommand.FailOver.class, name = "fail-over"),
    @JsonSubTypes.Type(value = AgentCommand.DiscardFailover.class, name = "discard-failover"),
    @JsonSubTypes.Type(value = AgentCommand.CommitFailover.class, name = "commit-failover"),
    @JsonSubTypes.Type(value = AgentCommand.LetPointGo.class, name = "let-point-go"),
    @JsonSubTypes.Type(value = AgentCommand.DescribeMachine.class, name = "describe-machine"),
    @JsonSubTypes.Type(value = AgentCommand.CheckMachine.class, name = "check-machine"),
    @JsonSubTypes.Type(value = AgentCommand.ListPoints.class, name = "list-points"),
    @JsonSubTypes.Type(value = AgentCommand.ListHoldings.class, name = "list-holdings"),
})
public sealed interface AgentCommand {
    /**
     * A command about one direction of an item: it touches that relationship and no other. Late, of an earlier
     * generation than the host knows by then, it changes nothing of the later one.
     */
    sealed interface ItemCommand extends AgentCommand {
        RelationshipId relationship();
    }

    /** Report the VMs and networks of the host again, now. */
    record RefreshInventory() implements AgentCommand {}

    /**
     * Target: accept an item's segments from one source and nothing else's; makes the empty replica.
     *
     * @param disks every replicated disk with its size
     * @param folder where the replica's files go; empty for the agent's own default
     * @param adopt the disks of the VM that is here since it was the source are the replica's, in place. The answer is
     *     {@link CommandOutcome.Finished} with the last position of its own direction where they hold just that;
     *     empty in what versions before 0.3 say
     */
    record PrepareReplica(
            @JsonUnwrapped RelationshipId relationship, VmId vm, String vmName, HostId sourceHost,
            List<ReplicaDisk> disks, RetentionSettings retention, Optional<String> folder, Optional<Adopt> adopt)
            implements ItemCommand {
        public PrepareReplica {
            disks = List.copyOf(disks);
            Objects.requireNonNull(folder, "folder");
            adopt = Objects.requireNonNullElse(adopt, Optional.empty());
        }

        /** Of an empty replica. */
        public PrepareReplica(RelationshipId relationship, VmId vm, String vmName, HostId sourceHost,
                List<ReplicaDisk> disks, RetentionSettings retention, Optional<String> folder) {
            this(relationship, vm, vmName, sourceHost, disks, retention, folder, Optional.empty());
        }
    }

    /**
     * The wish to have the disks of an old source as those of a replica.
     *
     * @param from the position from which the VM was started at the other end. What disks hold that is anything else is
     *     nowhere else, and stays a recovery point until somebody lets it go
     */
    record Adopt(LogPosition from) {
        public Adopt {
            Objects.requireNonNull(from, "from");
        }
    }

    /** A disk of a replica. */
    record ReplicaDisk(DiskName name, ByteCount size) {}

    /**
     * Source: replicate a VM to a target from now on, also after restarts and without the vault.
     *
     * @param base what the target's disks hold as it begins; nothing in what versions before 0.3 say
     */
    record StartReplication(
            @JsonUnwrapped RelationshipId relationship, VmId vm, List<DiskName> disks,
            TargetAddress target, ReplicationSettings settings, Optional<ReplicaHolds> base) implements ItemCommand {
        public StartReplication {
            disks = List.copyOf(disks);
            base = Objects.requireNonNullElse(base, Optional.empty());
        }

        /** To an empty replica. */
        public StartReplication(RelationshipId relationship, VmId vm, List<DiskName> disks, TargetAddress target,
                ReplicationSettings settings) {
            this(relationship, vm, disks, target, settings, Optional.empty());
        }
    }

    /** What the disks of a reversed replica hold as replication to it begins. */
    enum ReplicaHolds {
        /** What the VM was started from here: only what it has written since is missing. */
        EQUAL,
        /** Nobody knows: they are compared. */
        UNKNOWN
    }

    /** Where a target agent listens for segments, and who must answer there. */
    record TargetAddress(HostId host, String address, int port) {}

    /** Source: go on with an item that is paused, or stands still and a person has dealt with the reason. */
    record ResumeReplication(@JsonUnwrapped RelationshipId relationship) implements ItemCommand {}

    /**
     * Source: begin no cycle any more until {@link ResumeReplication}, also after restarts, so that somebody has the VM
     * alone. Ended when no point in time is open.
     *
     * @param by whose wish it is, for people
     * @param release take our checkpoints and bitmaps off the VM as well; the next cycle then covers its disks anew
     */
    record PauseReplication(@JsonUnwrapped RelationshipId relationship, String by, boolean release)
            implements ItemCommand {}

    /** Source: stop replicating an item and remove what it left on the VM: our checkpoints, logs and state. */
    record StopReplication(@JsonUnwrapped RelationshipId relationship) implements ItemCommand {}

    /**
     * Target: remove an item's replica disks, journal and points. Refused while a VM runs from them.
     *
     * @param unlessFed refused as well while a source feeds it, or did a short while ago: nobody has told that source
     *     to stop. False in what versions before 0.2 say
     * @param letGo the kept points that somebody has let go by name, and that go with it; it is refused while it keeps
     *     any other
     */
    record RemoveReplica(@JsonUnwrapped RelationshipId relationship, boolean unlessFed, List<LogPosition> letGo)
            implements ItemCommand {
        public RemoveReplica {
            letGo = letGo == null ? List.of() : List.copyOf(letGo);
        }

        /** Of an item whose source was stopped, or given up. */
        public RemoveReplica(RelationshipId relationship) {
            this(relationship, false, List.of());
        }
    }

    /** Target: start a test VM from a point, in a network that reaches nobody (TF-01 to TF-17). */
    record StartTestFailover(
            @JsonUnwrapped RelationshipId relationship, PointChoice point, String testName, TestNetwork network)
            implements ItemCommand {}

    /** Target: remove the test VM, its disks and the networks made for it (TF-13). */
    record CleanUpTestFailover(@JsonUnwrapped RelationshipId relationship) implements ItemCommand {}

    /**
     * Source: shut a VM down before its failover (UF-01); after the time given it is an error, the VM stays.
     *
     * @param force whether one that is paused, and so cannot shut down by itself, is stopped as a power cut would
     * @param relationship whose failover asks; empty in what a vault of the first release asks
     */
    record ShutDownMachine(VmId vm, Duration timeout, boolean force, Optional<RelationshipId> relationship)
            implements AgentCommand {
        public ShutDownMachine {
            relationship = Objects.requireNonNullElse(relationship, Optional.empty());
        }
    }

    /**
     * Source: capture and ship what a VM that is shut off has written last; the answer, when the target has all of it,
     * is {@link CommandOutcome.Finished}. Replication stays as it is.
     */
    record FinishReplication(@JsonUnwrapped RelationshipId relationship) implements ItemCommand {
        public FinishReplication {
            Objects.requireNonNull(relationship, "relationship");
        }
    }

    /** Source: start a VM again that was shut down for a failover that does not go on; one that runs is fine. */
    record StartMachine(@JsonUnwrapped RelationshipId relationship, VmId vm) implements ItemCommand {
        public StartMachine {
            Objects.requireNonNull(relationship, "relationship");
            Objects.requireNonNull(vm, "vm");
        }
    }

    /** Target: durably refuse further segments of the item, so that no failover races a late cycle (UF-03). */
    record FenceReplica(@JsonUnwrapped RelationshipId relationship) implements ItemCommand {}

    /** Target: start the VM from a point; adapters as mapped, those without a mapping connected to nothing (N-08). */
    record FailOver(
            @JsonUnwrapped RelationshipId relationship, PointChoice point, List<AdapterAttachment> adapters)
            implements ItemCommand {
        public FailOver {
            adapters = List.copyOf(adapters);
        }
    }

    /**
     * Where an adapter of the replica goes; empty network for nowhere (N-08).
     *
     * @param adapter its place among the VM's adapters, for people
     * @param macAddress what tells it from the others at both hosts; empty in what a vault of the first release asked
     */
    record AdapterAttachment(int adapter, String macAddress, Optional<String> network, Optional<String> subnet) {
        public AdapterAttachment {
            macAddress = Objects.requireNonNullElse(macAddress, "");
            Objects.requireNonNull(network, "network");
            Objects.requireNonNull(subnet, "subnet");
        }
    }

    /** Target: take the item's segments again; refused once a failover has defined its VM. */
    record ReleaseReplica(@JsonUnwrapped RelationshipId relationship) implements ItemCommand {}

    /**
     * Target: take away the VM that a failover started, as a power cut would, with all that it wrote, so that it can be
     * started from another point. Refused once the failover was committed, and for a VM that is not the failover's.
     */
    record DiscardFailover(@JsonUnwrapped RelationshipId relationship) implements ItemCommand {}

    /** Target: keep the started VM for good and delete the item's recovery points (CM-01, RP-08). */
    record CommitFailover(@JsonUnwrapped RelationshipId relationship) implements ItemCommand {}

    /** Target: a point that is kept whatever the retention says is subject to it again; fine where it is not kept. */
    record LetPointGo(@JsonUnwrapped RelationshipId relationship, LogPosition point) implements ItemCommand {
        public LetPointGo {
            Objects.requireNonNull(relationship, "relationship");
            Objects.requireNonNull(point, "point");
        }
    }

    /** A command that changes nothing: asked for a person who waits, never remembered, never in another's way. */
    sealed interface Question extends AgentCommand
            permits ListPoints, ListHoldings, DescribeMachine, CheckMachine {}

    /**
     * Target: every folder in which the host keeps a replica, of items that ended as well; the answer is
     * {@link CommandOutcome.Holdings}. Sizes are some minutes old.
     */
    record ListHoldings() implements Question {}

    /**
     * Target: which recovery points an item has, newest first; the answer is {@link CommandOutcome.Points}.
     *
     * @param from the newest that is wanted; empty to begin with the newest there is
     * @param limit how many at most, 1 to {@value #LIMIT_MAX}
     */
    record ListPoints(@JsonUnwrapped RelationshipId relationship, Optional<LogPosition> from, int limit)
            implements Question {
        /** 120 bytes each: a tenth of what one report may have. */
        public static final int LIMIT_MAX = 5000;

        public ListPoints {
            Objects.requireNonNull(relationship, "relationship");
            Objects.requireNonNull(from, "from");
            if (limit < 1 || limit > LIMIT_MAX) {
                throw new IllegalArgumentException("1 to " + LIMIT_MAX + " points at once, not " + limit);
            }
        }
    }

    /** Source: how a VM is defined; the answer is {@link CommandOutcome.MachineDescribed}. */
    record DescribeMachine(VmId vm) implements Question {
        public DescribeMachine {
            Objects.requireNonNull(vm, "vm");
        }
    }

    /**
     * Target: whether this host could run a VM, and what would differ; the answer is
     * {@link CommandOutcome.MachineChecked}. Nothing is changed, and nothing of a test or failover that passes is
     * found out later.
     *
     * @param adapters where its adapters would go
     * @param definition of the VM; empty for that of the replica's {@code point}
     * @param disks for which the host must have room when there is no replica of them yet; empty where nobody asks
     */
    record CheckMachine(
            @JsonUnwrapped RelationshipId relationship, VmId vm, String vmName, PointChoice point,
            List<AdapterAttachment> adapters, Optional<String> definition, List<ReplicaDisk> disks)
            implements Question {
        public CheckMachine {
            Objects.requireNonNull(relationship, "relationship");
            Objects.requireNonNull(vm, "vm");
            Objects.requireNonNull(vmName, "vmName");
            Objects.requireNonNull(point, "point");
            adapters = List.copyOf(adapters);
            definition = Objects.requireNonNullElse(definition, Optional.empty());
            disks = disks == null ? List.of() : List.copyOf(disks);
        }

        /** Of a VM whose replica is there, or whose disks are not asked about. */
        public CheckMachine(RelationshipId relationship, VmId vm, String vmName, PointChoice point,
                List<AdapterAttachment> adapters, Optional<String> definition) {
            this(relationship, vm, vmName, point, adapters, definition, List.of());
        }
    }

    /**
     * What this agent cannot read: a kind of a newer vault, or one that says something unheard of. Answered as such, so
     * that it holds up nothing else.
     *
     * @param kind the vault's word for it; empty when it had none
     */
    record Unknown(@JsonProperty("command") String kind) implements AgentCommand {
        public Unknown {
            kind = Objects.requireNonNullElse(kind, "");
        }
    }
}
