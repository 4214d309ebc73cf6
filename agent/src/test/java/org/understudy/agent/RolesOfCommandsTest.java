package org.understudy.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.agent.role.HostRoles;
import org.understudy.agent.role.RoleStore;
import org.understudy.agent.source.Relationship;
import org.understudy.agent.source.RelationshipStore;
import org.understudy.command.AgentCommand;
import org.understudy.command.CommandCodec;
import org.understudy.command.CommandOutcome;
import org.understudy.command.MachineRole;
import org.understudy.command.ToldRole;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.RelationshipId;
import org.understudy.model.VmId;

/** The source's role through a failover that comes, one that is taken back, and one that is told later. */
class RolesOfCommandsTest {
    @TempDir
    private Path folder;
    private final ItemId item = ItemId.random();
    private final VmId vm = VmId.random();
    private final List<MachineRole> roleWhenStarted = new ArrayList<>();
    private HostRoles roles;
    private RolesOfCommands commands;
    private long newest;
    private final LateWords late = new LateWords(_ -> newest, _ -> true);

    @BeforeEach
    void begin() throws IOException {
        Hypervisor hypervisor = (Hypervisor) Proxy.newProxyInstance(getClass().getClassLoader(),
                new Class<?>[] {Hypervisor.class}, (_, method, _) ->
                        method.getReturnType() == Optional.class ? Optional.empty() : null);
        roles = new HostRoles(new RoleStore(folder), hypervisor, Clock.systemUTC());
        RelationshipStore relationships = new RelationshipStore(folder);
        relationships.save(CommandCodec.mapper().convertValue(Map.of("item", item, "generation", 1, "vm", vm,
                "disks", Map.of(new DiskName("vda"), new Relationship.SourceDisk(ByteCount.ofGibibytes(1), "/vms")),
                "target", Map.of("host", HostId.random(), "address", "10.0.0.2", "port", 8084),
                "settings", Map.of("copyFrequency", Duration.ofSeconds(5), "compression", true), "name", "web01"),
                Relationship.class));
        commands = new RolesOfCommands(command -> {
            if (command instanceof AgentCommand.StartMachine) {
                roleWhenStarted.add(role());
            }
            return new CommandOutcome.Done();
        }, roles, relationships, late);
        commands.execute(new AgentCommand.ResumeReplication(RelationshipId.first(item)));
        assertThat(role()).isEqualTo(MachineRole.SOURCE);
    }

    private MachineRole role() throws IOException {
        return roles.store().find(vm).orElseThrow().role();
    }

    private void shutDown() throws IOException {
        commands.execute(new AgentCommand.ShutDownMachine(vm, Duration.ofSeconds(1), false,
                Optional.of(RelationshipId.first(item))));
        assertThat(role()).isEqualTo(MachineRole.LEFT_BEHIND);
    }

    @Test
    void mayStartAgainBeforeItIsStartedAgainForAFailoverThatDoesNotGoOn() throws IOException {
        shutDown();
        commands.execute(new AgentCommand.StartMachine(RelationshipId.first(item), vm));
        assertThat(roleWhenStarted).containsExactly(MachineRole.SOURCE);
    }

    @Test
    void staysLeftBehindThoughSomebodyWantsItStartedWhenItIsKnownToRunElsewhere() throws IOException {
        shutDown();
        roles.told(new ToldRole(vm, item, "web01", MachineRole.LEFT_BEHIND, "amsterdam", Instant.EPOCH,
                roles.store().find(vm).map(note -> note.held().since())));
        commands.execute(new AgentCommand.StartMachine(RelationshipId.first(item), vm));
        assertThat(roleWhenStarted).containsExactly(MachineRole.LEFT_BEHIND);
        commands.execute(new AgentCommand.StopReplication(RelationshipId.first(item)));
        assertThat(role()).isEqualTo(MachineRole.LEFT_BEHIND);
    }

    @Test
    void isTheSourceAgainWhenTheFailoverIsAbandoned() throws IOException {
        shutDown();
        commands.execute(new AgentCommand.ResumeReplication(RelationshipId.first(item)));
        assertThat(role()).isEqualTo(MachineRole.SOURCE);
        commands.execute(new AgentCommand.StopReplication(RelationshipId.first(item)));
        assertThat(roles.store().find(vm)).isEmpty();
    }

    /** The item was reversed and came back: this host is its source again, in generation 3. */
    @Test
    void aWordOfAnEarlierDirectionChangesNoRole() throws IOException {
        newest = 3;
        RelationshipId first = RelationshipId.first(item);
        for (AgentCommand earlier : List.of(new AgentCommand.StopReplication(first),
                new AgentCommand.RemoveReplica(first.next()), new AgentCommand.ReleaseReplica(first.next()),
                new AgentCommand.ShutDownMachine(vm, Duration.ofSeconds(1), true, Optional.of(first)),
                new AgentCommand.DiscardFailover(first.next()), new AgentCommand.StartMachine(first, vm))) {
            commands.execute(earlier);
            assertThat(role()).as("after " + earlier).isEqualTo(MachineRole.SOURCE);
        }
        assertThat(roleWhenStarted).isEmpty();
    }

    @Test
    void aCommandThatFailedChangesNoRole() throws IOException {
        RolesOfCommands failing = new RolesOfCommands(_ -> new CommandOutcome.Failed(
                FailureException.of(FailureCode.SOURCE_STILL_RUNNING, "It runs.").failure()),
                roles, new RelationshipStore(folder), late);
        failing.execute(new AgentCommand.ShutDownMachine(vm, Duration.ofSeconds(1), false,
                Optional.of(RelationshipId.first(item))));
        assertThat(role()).isEqualTo(MachineRole.SOURCE);
    }
}
