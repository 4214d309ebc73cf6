package org.understudy.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.understudy.agent.role.HostRoles;
import org.understudy.agent.role.HostRoles.Machine;
import org.understudy.agent.role.RoleStore;
import org.understudy.command.AgentReport.SourceProgress;
import org.understudy.command.MachineRole;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.model.ByteCount;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;
import org.understudy.model.VmId;

/** A source whose site was gone learns of the failover from its target, before any vault reaches it. */
class TargetsWordTest {
    @TempDir
    private Path folder;
    private final Machine web01 = new Machine(ItemId.random(), VmId.random(), "web01");
    private HostRoles roles;
    private long newest = 1;

    @BeforeEach
    void begin() throws IOException {
        Hypervisor hypervisor = (Hypervisor) Proxy.newProxyInstance(getClass().getClassLoader(),
                new Class<?>[] {Hypervisor.class}, (_, method, _) ->
                        method.getReturnType() == Optional.class ? Optional.empty() : null);
        roles = new HostRoles(new RoleStore(folder), hypervisor, Clock.systemUTC());
        roles.source(web01);
    }

    private MachineRole heard(FailureCode code) throws IOException {
        LogPosition position = new LogPosition(1, 5);
        SourceProgress told = new SourceProgress(RelationshipId.first(web01.item()), position, position,
                ByteCount.ZERO, ByteCount.ZERO, ByteCount.ZERO, ByteCount.ZERO, ByteCount.ZERO, Optional.empty(),
                Optional.of(FailureException.of(code, "It says so.").failure()), 1, Optional.empty());
        new TargetsWord(roles, _ -> newest, () -> List.of(told)).hear();
        return roles.store().find(web01.vm()).orElseThrow().role();
    }

    @ParameterizedTest
    @EnumSource(names = {"REPLICA_FENCED", "RELATIONSHIP_OVER"})
    void isNotStartedAgainWhenItsTargetTakesNothingMore(FailureCode over) throws IOException {
        assertThat(heard(over)).isEqualTo(MachineRole.LEFT_BEHIND);
    }

    @ParameterizedTest
    @EnumSource(names = {"LINK_LOST", "TARGET_IO_FAILED", "RELATIONSHIP_REFUSED", "PEER_NOT_TRUSTED"})
    void startsAsEverWhileItIsAlone(FailureCode alone) throws IOException {
        assertThat(heard(alone)).isEqualTo(MachineRole.SOURCE);
    }

    @Test
    void isTheSourceOfALaterDirectionWhateverAnEarlierOneHears() throws IOException {
        newest = 3;
        assertThat(heard(FailureCode.RELATIONSHIP_OVER)).isEqualTo(MachineRole.SOURCE);
    }
}
