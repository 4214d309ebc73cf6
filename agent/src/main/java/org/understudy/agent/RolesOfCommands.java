package org.understudy.agent;

import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.agent.role.HostRoles;
import org.understudy.agent.role.HostRoles.Machine;
import org.understudy.agent.role.RoleNote;
import org.understudy.agent.source.Relationship;
import org.understudy.agent.source.RelationshipStore;
import org.understudy.agent.vault.CommandExecutor;
import org.understudy.command.AgentCommand;
import org.understudy.command.CommandOutcome;
import org.understudy.command.MachineRole;
import org.understudy.model.ItemId;
import org.understudy.model.VmId;
import org.understudy.replica.Branch;
import org.understudy.replica.Replica;
import org.understudy.replica.ReplicaCatalog;

/**
 * What commands of the vault mean for the roles of VMs at this host: each is carried out first, and its role is durable
 * before its end is told. A failover alone gives its role itself, between its disks and its VM.
 */
final class RolesOfCommands implements CommandExecutor {
    private static final Logger LOG = LoggerFactory.getLogger(RolesOfCommands.class);

    private final CommandExecutor executor;
    private final HostRoles roles;
    private final RelationshipStore relationships;
    private final LateWords late;

    RolesOfCommands(CommandExecutor executor, HostRoles roles, RelationshipStore relationships, LateWords late) {
        this.executor = executor;
        this.late = late;
        this.roles = roles;
        this.relationships = relationships;
    }

    /** Gives a role to those that an agent without roles has left here: what it replicated, and what it kept. */
    void giveToWhatIsHere(ReplicaCatalog catalog) throws IOException {
        for (Relationship relationship : relationships.all().relationships()) {
            if (isWithoutRole(relationship.vm())) {
                roles.sourceWithoutRole(machine(relationship));
            }
        }
        for (Replica replica : catalog.all()) {
            Machine machine = new Machine(replica.spec().item(), replica.spec().vm(), replica.spec().vmName());
            boolean failedOver = replica.branches().stream()
                    .anyMatch(branch -> branch.purpose() == Branch.Purpose.FAILOVER);
            if (isWithoutRole(machine.vm())) {
                roles.replicaWithoutRole(machine, failedOver);
            }
        }
    }

    /** One that cannot be read is one: it keeps its VM from starting until a person has looked. */
    private boolean isWithoutRole(VmId vm) throws IOException {
        return !roles.store().isThere(vm);
    }

    @Override
    public CommandOutcome execute(AgentCommand command) throws IOException {
        Optional<CommandOutcome> notDone = late.answer(command);
        if (notDone.isPresent()) {
            return notDone.get();
        }
        // What ends of an earlier direction says nothing of the VM's part in the later one.
        boolean ofAnEarlierOne = late.isLate(command);
        if (command instanceof AgentCommand.StartMachine start) {
            goesOnAfterAll(start.vm());
        }
        CommandOutcome outcome = executor.execute(command);
        if (!(outcome instanceof CommandOutcome.Failed) && !ofAnEarlierOne) {
            carriedOut(command);
        }
        return outcome;
    }

    private void carriedOut(AgentCommand command) throws IOException {
        switch (command) {
            case AgentCommand.PrepareReplica prepare -> isPrepared(prepare);
            case AgentCommand.StartReplication start -> goesOn(start.relationship().item());
            case AgentCommand.ResumeReplication resume -> goesOn(resume.relationship().item());
            case AgentCommand.StopReplication stop -> roles.replicationEnded(stop.relationship().item());
            case AgentCommand.RemoveReplica remove -> roles.replicaEnded(remove.relationship().item());
            case AgentCommand.ShutDownMachine shutDown -> isShutDown(shutDown.vm());
            case AgentCommand.ReleaseReplica release -> isReplicaAgain(release.relationship().item());
            case AgentCommand.DiscardFailover discard -> isReplicaAgain(discard.relationship().item());
            case AgentCommand.RefreshInventory _, AgentCommand.PauseReplication _,
                    AgentCommand.FinishReplication _, AgentCommand.StartMachine _,
                    AgentCommand.StartTestFailover _, AgentCommand.CleanUpTestFailover _,
                    AgentCommand.FenceReplica _, AgentCommand.FailOver _, AgentCommand.CommitFailover _,
                    AgentCommand.LetPointGo _, AgentCommand.Question _, AgentCommand.Unknown _ -> { }
        }
    }

    /** First its role, or it would not start; one that is known to run elsewhere keeps its own. */
    private void goesOnAfterAll(VmId vm) throws IOException {
        Optional<RoleNote> known = roles.store().find(vm).filter(note -> note.role() == MachineRole.LEFT_BEHIND
                && note.held().elsewhere().isEmpty() && note.held().item().isPresent());
        if (known.isPresent()) {
            roles.source(new Machine(known.get().held().item().get(), vm, known.get().held().vmName()));
        }
    }

    /** The vault knows of no failover, or has taken it back: the VM runs here. */
    private void goesOn(ItemId item) throws IOException {
        Optional<Relationship> known = relationships.all().relationships().stream()
                .filter(relationship -> relationship.item().equals(item)).findFirst();
        if (known.isPresent()) {
            roles.source(machine(known.get()));
        }
    }

    /** A VM whose disks were adopted is off, whatever it was before. */
    private void isPrepared(AgentCommand.PrepareReplica prepare) throws IOException {
        Machine machine = new Machine(prepare.relationship().item(), prepare.vm(), prepare.vmName());
        if (prepare.adopt().isPresent()) {
            roles.replicaAgain(machine);
        } else {
            roles.replica(machine);
        }
    }

    private void isShutDown(VmId vm) throws IOException {
        Optional<Relationship> known = relationships.all().relationships().stream()
                .filter(relationship -> relationship.vm().equals(vm)).findFirst();
        if (known.isPresent()) {
            roles.shutDownForFailover(machine(known.get()));
        } else {
            LOG.warn("a VM was shut down of which this host is not the source vm={}", vm);
        }
    }

    private void isReplicaAgain(ItemId item) throws IOException {
        Optional<RoleNote> known = roles.store().all(_ -> { }).stream()
                .filter(note -> note.held().item().equals(Optional.of(item))).findFirst();
        if (known.isPresent()) {
            roles.replicaAgain(new Machine(item, known.get().held().vm(), known.get().held().vmName()));
        }
    }

    private static Machine machine(Relationship relationship) {
        return new Machine(relationship.item(), relationship.vm(),
                relationship.name().orElseGet(relationship.vm()::toString));
    }
}
