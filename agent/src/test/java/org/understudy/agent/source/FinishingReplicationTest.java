package org.understudy.agent.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.agent.Pause;
import org.understudy.command.AgentCommand.FinishReplication;
import org.understudy.command.AgentCommand.TargetAddress;
import org.understudy.command.CommandOutcome;
import org.understudy.command.ReplicationSettings;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VmId;
import org.understudy.replication.SystemPace;
import org.understudy.replication.TargetDialer;
import org.understudy.replication.TargetEnd;

/** What a planned failover is told of the last of a VM, over a hypervisor whose VM is off. */
@Timeout(30)
class FinishingReplicationTest {
    private static final DiskName VDA = new DiskName("vda");
    private static final ByteCount SIZE = ByteCount.ofMebibytes(64);

    @TempDir
    private Path folder;

    private final Relationship relationship = new Relationship(
            ItemId.random(), 1, VmId.random(), Map.of(VDA, new Relationship.SourceDisk(SIZE, "/images")),
            new TargetAddress(HostId.random(), "10.0.0.2", 8084),
            new ReplicationSettings(Duration.ofSeconds(1), true));
    private volatile Optional<String> imprint = Optional.of("as it lies");
    private final TargetDialer refusing = new TargetDialer() {
        @Override
        public TargetEnd dial(long generation) {
            throw FailureException.of(FailureCode.REPLICA_FENCED, "The item was failed over.");
        }

        @Override
        public boolean reachable() {
            return true;
        }
    };

    @Test
    void answersWithThePositionThatTheTargetHasAndAgainWhenAsked() throws Exception {
        with(state("as it lies", true), finishing -> {
            for (int i = 0; i < 2; i++) {
                assertThat(finishing.finish(new FinishReplication(relationship.id())))
                        .isEqualTo(new CommandOutcome.Finished(new LogPosition(1, 2)));
            }
        });
    }

    @Test
    void refusesAMachineThatRuns() throws Exception {
        with(state("as it lies", true), finishing -> {
            imprint = Optional.empty();
            assertFails(FailureCode.SOURCE_STILL_RUNNING, finishing);
        });
    }

    @Test
    void tellsWhyTheTargetDoesNotTakeIt() throws Exception {
        with(state("as it lies", false), finishing -> assertFails(FailureCode.REPLICA_FENCED, finishing));
    }

    private void assertFails(FailureCode code, FinishingReplication finishing) {
        assertThatThrownBy(() -> finishing.finish(new FinishReplication(relationship.id()))).isInstanceOfSatisfying(
                FailureException.class, e -> assertThat(e.failure().code()).as(e.getMessage()).isEqualTo(code));
    }

    /** Captured at rest up to 1-2. */
    private SourceState state(String captured, boolean acknowledged) {
        SourceState.Cycle first = new SourceState.Cycle(new LogPosition(1, 1), Optional.of(Instant.EPOCH),
                Map.of(VDA, SIZE), Optional.of("understudy-1"));
        SourceState.Cycle last = new SourceState.Cycle(new LogPosition(1, 2), Optional.of(Instant.EPOCH),
                Map.of(VDA, SIZE), Optional.of("understudy-1"), Optional.of(captured));
        SourceState state = SourceState.start(relationship).captured(first, ByteCount.ZERO)
                .captured(last, ByteCount.ZERO);
        return acknowledged ? state.acknowledged(new LogPosition(1, 2)) : state;
    }

    private void with(SourceState state, Story story) throws Exception {
        RelationshipStore store = new RelationshipStore(folder);
        store.begin(relationship);
        store.save(relationship.id(), state);
        Hypervisor hypervisor = off();
        SystemPace pace = new SystemPace(Clock.systemUTC());
        try (CycleCapture capture = new CycleCapture();
                SourceReplications sources = new SourceReplications(hypervisor, store,
                        new ReplicationFactory(hypervisor, store, capture, it -> refusing, pace,
                                HostId.random()))) {
            sources.resume();
            story.tell(new FinishingReplication(sources, hypervisor, Clock.systemUTC(), new Pause(pace)));
        }
    }

    private interface Story {
        void tell(FinishingReplication finishing) throws Exception;
    }

    private Hypervisor off() {
        VirtualMachine machine = new VirtualMachine(
                relationship.vm(), "web01", PowerState.SHUT_OFF, List.of(), List.of());
        return (Hypervisor) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Hypervisor.class}, (proxy, method, arguments) ->
                        switch (method.getName()) {
                            case "imprint" -> imprint;
                            case "machine" -> Optional.of(machine);
                            case "machines", "checkpoints", "reapCheckpoints" -> List.of();
                            default -> null;
                        });
    }
}
