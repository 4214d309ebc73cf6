package org.understudy.agent.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.command.AgentCommand.TargetAddress;
import org.understudy.command.AgentReport.SourceProgress;
import org.understudy.command.ReplicationSettings;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.VmId;
import org.understudy.replication.SystemPace;
import org.understudy.replication.TargetDialer;
import org.understudy.replication.TargetEnd;

/** What the vault may ask of a host's replications, over a hypervisor that has lost the VM. */
class SourceReplicationsTest {
    private static final String FENCED = "The item was failed over.";

    /** Released whenever the shipping loop dials. */
    private final Semaphore asked = new Semaphore(0);
    private final TargetDialer fenced = new TargetDialer() {
        @Override
        public TargetEnd dial(long generation) {
            asked.release();
            throw FailureException.of(FailureCode.REPLICA_FENCED, FENCED);
        }

        @Override
        public boolean reachable() {
            return true;
        }
    };
    private final Relationship relationship = new Relationship(
            ItemId.random(), 1, VmId.random(),
            Map.of(new DiskName("vda"), new Relationship.SourceDisk(ByteCount.ofMebibytes(64), "/images")),
            new TargetAddress(HostId.random(), "10.0.0.2", 8084),
            new ReplicationSettings(Duration.ofSeconds(1), true));

    @Test
    @Timeout(30)
    void goesOnFromAHaltWhenItIsResumedAndNotBefore(@TempDir Path folder) throws Exception {
        Hypervisor hypervisor = withoutTheMachine();
        RelationshipStore store = new RelationshipStore(folder);
        store.save(relationship);
        try (CycleCapture capture = new CycleCapture();
                SourceReplications sources = new SourceReplications(hypervisor, store, new ReplicationFactory(
                        hypervisor, store, capture, it -> fenced, new SystemPace(Clock.systemUTC())))) {
            sources.resume();
            awaitHalt(sources);
            assertThat(asked.drainPermits()).as("it asks once and then stands still").isEqualTo(1);
            sources.resume(relationship.item());
            assertThat(asked.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
            awaitHalt(sources);
            assertThatThrownBy(() -> sources.resume(ItemId.random())).isInstanceOfSatisfying(
                    FailureException.class, e -> assertThat(e.failure().code()).isEqualTo(FailureCode.NOT_FOUND));
        }
    }

    private void awaitHalt(SourceReplications sources) throws InterruptedException {
        Semaphore never = new Semaphore(0);
        while (!shippingStandsStill(sources)) {
            assertThat(never.tryAcquire(5, TimeUnit.MILLISECONDS)).isFalse();
        }
    }

    private static boolean shippingStandsStill(SourceReplications sources) {
        return sources.reports(trouble -> { }).stream()
                .map(SourceProgress.class::cast)
                .flatMap(report -> report.trouble().stream())
                .anyMatch(failure -> failure.message().equals(FENCED));
    }

    /** Whatever is asked of the VM, it is not defined. */
    private Hypervisor withoutTheMachine() {
        return (Hypervisor) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Hypervisor.class}, (proxy, method, arguments) ->
                        switch (method.getName()) {
                            case "machine" -> Optional.empty();
                            case "definition" -> new MachineDefinition("<domain type='kvm'/>");
                            case "endAbandonedPointInTime" -> null;
                            case "checkpoints" -> List.of();
                            default -> throw new AssertionError(method + " was not expected");
                        });
    }
}
