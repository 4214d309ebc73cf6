package org.understudy.agent.role;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.agent.role.HostRoles.Machine;
import org.understudy.command.HeldRole;
import org.understudy.command.HeldRole.Deed;
import org.understudy.command.MachineRole;
import org.understudy.command.ToldRole;
import org.understudy.model.Failure;
import org.understudy.model.ItemId;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VmId;

/** Roles are durable, the vault's word for an old copy outlasts everything but a person's, and autostart follows. */
class HostRolesTest {
    private static final Instant NOW = Instant.parse("2026-11-28T04:00:00Z");

    @TempDir
    private Path folder;
    private final Machine web01 = new Machine(ItemId.random(), VmId.random(), "web01");
    private final NotingHypervisor hypervisor = new NotingHypervisor(web01.vm());
    private HostRoles roles;
    private Instant now = NOW;

    @BeforeEach
    void begin() throws IOException {
        roles = new HostRoles(new RoleStore(folder), hypervisor.end(), new Clock() {
            @Override
            public Instant instant() {
                return now;
            }

            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                throw new UnsupportedOperationException();
            }
        });
    }

    private RoleNote note() throws IOException {
        return new RoleStore(folder).find(web01.vm()).orElseThrow();
    }

    private ToldRole told(MachineRole role) throws IOException {
        return new ToldRole(web01.vm(), web01.item(), web01.name(), role, "amsterdam", NOW.minusSeconds(3600),
                new RoleStore(folder).find(web01.vm()).map(note -> note.held().since()));
    }

    @Test
    void anOldCopySaysWhereItsVmRunsAndDoesNotStartWithItsHost() throws IOException {
        hypervisor.autostart = true;
        roles.source(web01);
        roles.told(told(MachineRole.LEFT_BEHIND));

        assertThat(note().refusal()).isEqualTo("VM web01 was failed over to amsterdam on 2026-11-28 03:00 UTC; "
                + "starting it here would make two running copies. To start it all the same: understudy agent release "
                + "web01 --reason TEXT");
        assertThat(note().held().elsewhere()).contains("amsterdam");
        assertThat(hypervisor.autostart).isFalse();
        assertThat(hypervisor.told).endsWith("left-behind");
    }

    @Test
    void whatWasShutDownForAFailoverThatWasTakenBackIsAsItWas() throws IOException {
        hypervisor.autostart = true;
        roles.source(web01);
        roles.shutDownForFailover(web01);
        assertThat(note().refusal()).startsWith("VM web01 was shut down here on 2026-11-28 04:00 UTC");
        assertThat(hypervisor.autostart).isFalse();

        roles.source(web01);
        assertThat(note().role().mayStart()).isTrue();
        assertThat(hypervisor.autostart).isTrue();
        assertThat(hypervisor.told).endsWith("nothing");
    }

    /** Two failovers in one direction, the first taken back: its word comes while the second goes on. */
    @Test
    void aWordThatComesLateChangesNothing() throws IOException {
        roles.source(web01);
        roles.shutDownForFailover(web01);
        ToldRole taken = told(MachineRole.SOURCE);
        ToldRole away = told(MachineRole.LEFT_BEHIND);
        roles.source(web01);
        now = NOW.plusSeconds(1);
        roles.shutDownForFailover(web01);
        roles.told(taken);
        assertThat(note().role()).as("startable by a word of the failover before").isEqualTo(MachineRole.LEFT_BEHIND);

        roles.replicaAgain(web01);
        now = NOW.plusSeconds(2);
        roles.runningReplica(web01, Optional.empty());
        roles.told(away);
        assertThat(note().role()).as("it came home").isEqualTo(MachineRole.RUNNING_REPLICA);
        roles.told(new ToldRole(web01.vm(), web01.item(), "web01", MachineRole.LEFT_BEHIND, "amsterdam", NOW,
                Optional.empty()));
        assertThat(note().role()).as("of a host that had told nothing").isEqualTo(MachineRole.RUNNING_REPLICA);
    }

    @Test
    void aVmThatRunsHereKeepsStartingThoughTheRolesWereLost() throws IOException {
        hypervisor.power = PowerState.RUNNING;
        roles.replicaWithoutRole(web01, false);
        assertThat(note().role()).isEqualTo(MachineRole.RUNNING_REPLICA);
        roles.sourceWithoutRole(web01);
        assertThat(note().role()).isEqualTo(MachineRole.SOURCE);
    }

    @Test
    void aVmThatIsOffIsWhatItCarriesWhenTheRolesWereLost() throws IOException {
        hypervisor.carried = "running-replica";
        roles.replicaWithoutRole(web01, false);
        assertThat(note().role()).isEqualTo(MachineRole.RUNNING_REPLICA);
        hypervisor.carried = "left-behind";
        roles.sourceWithoutRole(web01);
        assertThat(note().role()).as("an old copy stays one").isEqualTo(MachineRole.LEFT_BEHIND);
        roles.replicaWithoutRole(web01, false);
        assertThat(note().role()).isEqualTo(MachineRole.REPLICA);
    }

    @Test
    void aSourceWhoseTargetTakesNothingMoreDoesNotStartAgainUnlessItsRoleIsAnother() throws IOException {
        roles.source(web01);
        RoleNote before = note();
        roles.overAtItsTarget(before);
        assertThat(note().role()).isEqualTo(MachineRole.LEFT_BEHIND);
        assertThat(note().refusal()).contains("might make two running copies", "understudy agent release web01");
        now = NOW.plusSeconds(1);
        roles.source(web01);
        roles.overAtItsTarget(before);
        assertThat(note().role()).as("found out before it was taken back").isEqualTo(MachineRole.SOURCE);
    }

    @Test
    void anOldCopyStaysOneWhenItsReplicationEnds() throws IOException {
        roles.source(web01);
        roles.shutDownForFailover(web01);
        roles.replicationEnded(web01.item());
        assertThat(note().role()).isEqualTo(MachineRole.LEFT_BEHIND);

        roles.source(web01);
        roles.replicationEnded(web01.item());
        assertThat(new RoleStore(folder).find(web01.vm())).isEmpty();
    }

    @Test
    void aReleaseIsKeptWithItsReasonAndTakesTheNoteOffTheVm() throws IOException {
        hypervisor.autostart = true;
        roles.told(told(MachineRole.LEFT_BEHIND));
        roles.release(note(), new Deed("anna", "amsterdam burnt down", Optional.empty()));

        HeldRole held = note().held();
        assertThat(held.role()).isEqualTo(MachineRole.RELEASED);
        assertThat(held.deed()).contains(new Deed("anna", "amsterdam burnt down", Optional.empty()));
        assertThat(hypervisor.told).endsWith("nothing");
        assertThat(hypervisor.autostart).isTrue();
    }

    @Test
    void isDurableThoughLibvirtIsAway() throws IOException {
        hypervisor.away = true;
        roles.told(told(MachineRole.LEFT_BEHIND));
        assertThat(note().role()).isEqualTo(MachineRole.LEFT_BEHIND);
    }

    @Test
    void aReplicaThatRunsIsNotMadeAMereReplicaByBeingPreparedAgain() throws IOException {
        roles.replica(web01);
        assertThat(note().refusal()).contains("has its replica on this host");
        Deed deed = new Deed("anna", "stockholm is gone", Optional.empty());
        roles.runningReplica(web01, Optional.of(deed));
        roles.replica(web01);
        roles.runningReplica(web01, Optional.empty());
        assertThat(note().role()).isEqualTo(MachineRole.RUNNING_REPLICA);
        assertThat(note().held().deed()).as("who did it first is what counts").contains(deed);
        roles.replicaEnded(web01.item());
        assertThat(new RoleStore(folder).find(web01.vm())).isEmpty();
    }

    @Test
    void aTornNoteIsToldAndHidesNoOther() throws IOException {
        roles.source(web01);
        Files.writeString(RoleStore.folder(folder).resolve(VmId.random().toString()), "version=1\nrole=left-");
        List<Failure> troubles = new ArrayList<>();
        assertThat(new RoleStore(folder).all(troubles::add)).hasSize(1);
        assertThat(troubles).singleElement().satisfies(trouble ->
                assertThat(trouble.recommendedAction()).contains("understudy agent release"));
    }
}
