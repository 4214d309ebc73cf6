package org.understudy.replication.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.understudy.replication.wire.WireWorld.VDA;
import static org.understudy.replication.wire.WireWorld.VDB;
import static org.understudy.replication.wire.WireWorld.at;
import static org.understudy.replication.wire.WireWorld.await;
import static org.understudy.replication.wire.WireWorld.segment;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.understudy.model.ByteCount;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.replication.HashAnswer;
import org.understudy.replication.HashRequest;
import org.understudy.replication.MemorySegment;
import org.understudy.replication.TargetDialer;
import org.understudy.replication.TargetEnd;
import org.understudy.replication.TargetStanding;

/** Source and target over real TLS on loopback. */
@Timeout(180)
class ReplicationWireTest {
    @Test
    void shipsAPositionOfAllDisksAndAcknowledgesIt() throws IOException {
        try (WireWorld world = new WireWorld(); TargetEnd target = world.dial()) {
            assertThat(target.standing().acknowledged()).isEqualTo(at(0));
            MemorySegment vda = segment(VDA, 1, 3_000_001);
            target.ship(vda, 0);
            assertThat(world.replica.held(VDA)).isEqualTo(vda.bytes());
            target.ship(segment(VDB, 1, 0), 0);
            assertThat(target.standing().held(vda)).isEqualTo(vda.length());
            target.define(at(1), "<domain>å</domain>");
            target.acknowledge(at(1));
            assertThat(world.replica.machineDefinition()).as("it is there before the answer")
                    .isEqualTo("1-1 <domain>å</domain>");
            assertThat(world.replica.acknowledged()).isEqualTo(at(1));
            assertThat(target.standing().acknowledged()).isEqualTo(at(1));
            assertThat(target.standing().held(vda)).isEqualTo(ByteCount.ZERO);
            assertThat(target.sent().bytes()).isBetween(3_000_001L, 3_020_000L);
        }
    }

    @Test
    void beginsWhereTheLastSessionEnded() throws IOException {
        try (WireWorld world = new WireWorld()) {
            MemorySegment whole = segment(VDA, 1, 2_000_000);
            world.replica.failAfter(1_000_000, new IllegalStateException("planted"));
            try (TargetEnd target = world.dial()) {
                assertThatThrownBy(() -> target.ship(whole, 0)).isInstanceOf(FailureException.class);
            }
            try (TargetEnd target = world.dial()) {
                long held = target.standing().held(whole).bytes();
                assertThat(held).isBetween(500_000L, 1_000_000L);
                target.ship(whole, held);
                target.acknowledge(at(1));
            }
            assertThat(world.replica.received()).isEqualTo(2_000_000);
        }
    }

    @Test
    void aTargetThatRunsFullSaysSoInTheMiddleOfALongSegment() throws IOException {
        try (WireWorld world = new WireWorld(); TargetEnd target = world.dial()) {
            world.replica.failAfter(1_000_000, new IOException("write: No space left on device"));
            FailureException told = (FailureException)
                    catchThrowable(() -> target.ship(segment(VDA, 1, 40_000_000), 0));
            assertThat(told.failure().code()).isEqualTo(FailureCode.TARGET_STORAGE_FULL);
            assertThat(world.refusals).as("a full disk is nobody's fault").isEmpty();
        }
    }

    @Test
    void aReplicaThatRefusesReachesTheSourceInItsOwnWords() throws IOException {
        try (WireWorld world = new WireWorld(); TargetEnd target = world.dial()) {
            world.replica.failAfter(
                    0, FailureException.of(FailureCode.REPLICA_FENCED, "item was failed over", "Stop."));
            FailureException told = (FailureException) catchThrowable(() -> target.ship(segment(VDA, 1, 10), 0));
            assertThat(told.failure().code()).isEqualTo(FailureCode.REPLICA_FENCED);
            assertThat(told.failure().message()).isEqualTo("item was failed over");
            assertThat(told.failure().recommendedAction()).isEqualTo("Stop.");
        }
    }

    /** As the first version answers a greeting of this one: both hosts are updated one after the other. */
    @Test
    void waitsForATargetOfAnEarlierRelease() throws IOException {
        try (WireWorld world = new WireWorld();
                ReplicationServer earlier = ReplicationServer.listen(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), world.vault.host(world.target),
                        _ -> {
                            throw FailureException.of(FailureCode.PROTOCOL_VIOLATED,
                                    "The peer speaks version 2 of the protocol, this host 1.");
                        }, (_, _) -> { }, WireWorld.PATIENT)) {
            FailureException told = (FailureException) catchThrowable(() -> world.dialer(
                    world.vault.host(world.source), earlier.port(), WireWorld.PATIENT).dial(1));
            assertThat(told.failure().code()).isEqualTo(FailureCode.AGENTS_DIFFER);
            assertThat(told.failure().code().kind()).isEqualTo(FailureCode.Kind.TRY_AGAIN);
            assertThat(told.failure().message()).contains("version 2", "this host 1");
        }
    }

    /** Its agents are updated later: what both understand is spoken, and the newest is not tried at each dial. */
    @Test
    void speaksTheOldestVersionWithATargetThatKnowsNoNewerOne() throws IOException {
        try (WireWorld world = new WireWorld()) {
            AtomicInteger greetings = new AtomicInteger();
            try (ReplicationServer earlier = ReplicationServer.listen(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), world.vault.host(world.target),
                    greeting -> {
                        if (greetings.incrementAndGet() <= 2) {
                            throw FailureException.of(FailureCode.PROTOCOL_VIOLATED,
                                    "The peer speaks a version of the protocol, this host 2.");
                        }
                        return world.replica.open(greeting);
                    }, (_, _) -> { }, WireWorld.PATIENT)) {
                TargetDialer dialer = world.dialer(
                        world.vault.host(world.source), earlier.port(), WireWorld.PATIENT);
                try (TargetEnd target = dialer.dial(1)) {
                    target.ship(segment(VDA, 1, 10), 0);
                    target.acknowledge(at(1));
                }
                world.replica.damageJournalAfter(at(0));
                try (TargetEnd target = dialer.dial(1)) {
                    assertThat(target.standing()).as("version 2 cannot tell of damage")
                            .isEqualTo(TargetStanding.at(at(1)));
                    assertThat(target.hashes(new HashRequest(at(1), VDA, UUID.randomUUID(), 0, 1)))
                            .isEqualTo(new HashAnswer.NeverHeardOf());
                }
            }
            assertThat(greetings).as("of 4, of 3, and twice of 2").hasValue(4);
        }
    }

    @Test
    void tellsWhatItHoldsBlockByBlock() throws IOException {
        try (WireWorld world = new WireWorld(); TargetEnd target = world.dial()) {
            UUID key = UUID.randomUUID();
            HashAnswer.Hashes told = (HashAnswer.Hashes) target.hashes(
                    new HashRequest(at(0), VDA, key, 7, HashRequest.BLOCKS_MAX));
            assertThat(told.bytes().remaining()).isEqualTo(HashRequest.BLOCKS_MAX * HashAnswer.HASH_BYTES);
            assertThat(told.bytes().get(1)).isEqualTo((byte) 8);
            assertThat(target.hashes(new HashRequest(at(1), VDA, key, 0, 1)))
                    .isEqualTo(new HashAnswer.NotNow("it is not applied yet"));
            target.ship(segment(VDA, 1, 10), 0);
        }
    }

    @Test
    void tellsWhatIsDamagedAndGoesBackToBeforeIt() throws IOException {
        try (WireWorld world = new WireWorld()) {
            try (TargetEnd target = world.dial()) {
                target.ship(segment(VDA, 1, 10), 0);
                target.acknowledge(at(1));
            }
            world.replica.damageJournalAfter(at(0));
            try (TargetEnd target = world.dial()) {
                assertThat(target.standing().wholeUpTo()).contains(at(0));
                target.goBackTo(at(0));
                assertThat(target.standing()).isEqualTo(TargetStanding.at(at(0)));
                target.ship(segment(VDA, 1, 10), 0);
                target.acknowledge(at(1));
            }
            assertThat(world.replica.acknowledged()).isEqualTo(at(1));
        }
    }

    @Tag("slow")
    @Test
    void aSlowDiskOfTheTargetIsNoLostLink() throws Exception {
        try (WireWorld world = new WireWorld(WireWorld.QUICK);
                TargetEnd target = world.dialer(world.vault.host(world.source), world.server.port(), WireWorld.QUICK)
                        .dial(1)) {
            CountDownLatch gate = new CountDownLatch(1);
            world.replica.durableGate = gate;
            AtomicReference<Throwable> outcome = new AtomicReference<>();
            Thread ship = Thread.ofVirtual().start(
                    () -> outcome.set(catchThrowable(() -> target.ship(segment(VDA, 1, 100), 0))));
            assertThat(ship.join(WireWorld.QUICK.stall().multipliedBy(3))).as("still waits").isFalse();
            gate.countDown();
            ship.join();
            assertThat(outcome.get()).isNull();
        }
    }

    @Tag("slow")
    @Test
    void aTargetThatLooksAtALargeTornSegmentFirstIsNoLostLink() throws Exception {
        WireLimits limits = new WireLimits(Duration.ofSeconds(4), Duration.ofSeconds(4), Duration.ofMinutes(1), 64);
        try (WireWorld world = new WireWorld(limits)) {
            CountDownLatch gate = new CountDownLatch(1);
            world.replica.standingGate = gate;
            AtomicReference<Throwable> outcome = new AtomicReference<>();
            Thread dial = Thread.ofVirtual().start(() -> outcome.set(catchThrowable(() -> world.dialer(
                    world.vault.host(world.source), world.server.port(), limits).dial(1).close())));
            assertThat(dial.join(limits.stall().multipliedBy(3))).as("still waits").isFalse();
            gate.countDown();
            dial.join();
            assertThat(outcome.get()).isNull();
        }
    }

    @Tag("slow")
    @Test
    void anIdleConnectionStaysUp() throws Exception {
        try (WireWorld world = new WireWorld(WireWorld.QUICK);
                TargetEnd target = world.dialer(world.vault.host(world.source), world.server.port(), WireWorld.QUICK)
                        .dial(1)) {
            Thread idle = Thread.ofVirtual().start(() -> await(() -> false));
            idle.join(WireWorld.QUICK.stall().multipliedBy(3));
            idle.interrupt();
            target.ship(segment(VDA, 1, 100), 0);
            assertThat(world.replica.sessionsEver.get()).isEqualTo(1);
        }
    }

    @Tag("slow")
    @Test
    void aCutCableIsNoticedByBothSidesWhileTheSourceSends() throws Exception {
        try (WireWorld world = new WireWorld(WireWorld.QUICK);
                StallingProxy cable = new StallingProxy(world.server.port());
                TargetEnd target = world.dialer(world.vault.host(world.source), cable.port(), WireWorld.QUICK)
                        .dial(1)) {
            AtomicReference<Throwable> outcome = new AtomicReference<>();
            Thread ship = Thread.ofVirtual().start(
                    () -> outcome.set(catchThrowable(() -> target.ship(segment(VDA, 1, 200_000_000), 0))));
            await(() -> world.replica.received() > 1_000_000);
            cable.stall();
            assertThat(ship.join(Duration.ofSeconds(60))).as("a hanging write is ended").isTrue();
            assertThat(outcome.get()).isInstanceOf(IOException.class).hasMessageContaining("nothing was heard");
            await(() -> world.replica.openSessions.get() == 0);
        }
    }

    @Tag("slow")
    @Test
    void aCutCableIsNoticedByBothSidesWhileNothingIsSent() throws Exception {
        try (WireWorld world = new WireWorld(WireWorld.QUICK);
                StallingProxy cable = new StallingProxy(world.server.port());
                TargetEnd target = world.dialer(world.vault.host(world.source), cable.port(), WireWorld.QUICK)
                        .dial(1)) {
            cable.stall();
            await(() -> catchThrowable(target::standing) instanceof IOException);
            await(() -> world.replica.openSessions.get() == 0);
        }
    }

    @Tag("slow")
    @Test
    void closingEndsASessionThatShips() throws Exception {
        try (WireWorld world = new WireWorld(); StallingProxy cable = new StallingProxy(world.server.port())) {
            TargetEnd target = world.dialer(world.vault.host(world.source), cable.port(), WireWorld.PATIENT)
                    .dial(1);
            Thread ship = Thread.ofVirtual().start(
                    () -> catchThrowable(() -> target.ship(segment(VDA, 1, 200_000_000), 0)));
            await(() -> world.replica.received() > 1_000_000);
            cable.stall();
            target.close();
            assertThat(ship.join(Duration.ofSeconds(30))).isTrue();
        }
    }

    @Test
    void aNewerConnectionTakesThePlaceOfAHalfOpenOne() throws IOException {
        try (WireWorld world = new WireWorld();
                StallingProxy cable = new StallingProxy(world.server.port());
                TargetEnd older = world.dialer(world.vault.host(world.source), cable.port(), WireWorld.PATIENT)
                        .dial(1)) {
            cable.stall();
            try (TargetEnd newer = world.dial()) {
                newer.ship(segment(VDA, 1, 100), 0);
                newer.acknowledge(at(1));
            }
            assertThat(world.replica.sessionsEver.get()).isEqualTo(2);
            assertThat(older.sent().bytes()).isPositive();
        }
    }

    @Test
    void aTargetThatIsNotThereIsALostLink() throws IOException {
        WireWorld world = new WireWorld();
        ReplicationDialer dialer = world.dialer();
        assertThat(dialer.reachable()).isTrue();
        world.close();
        assertThat(dialer.reachable()).isFalse();
        assertThatThrownBy(() -> dialer.dial(1)).isInstanceOf(ConnectException.class)
                .hasMessageContaining("127.0.0.1");
    }

    @Test
    void aSegmentThatIsShorterThanItSaysIsTheSourcesTrouble() throws IOException {
        try (WireWorld world = new WireWorld(); TargetEnd target = world.dial()) {
            MemorySegment shorter = segment(VDA, 1, 100);
            FailureException told = (FailureException) catchThrowable(() -> target.ship(new LongerSegment(shorter), 0));
            assertThat(told.failure().code()).isEqualTo(FailureCode.SOURCE_IO_FAILED);
            assertThat(told.failure().message()).contains("vda", "1-1", "too early");
        }
    }
}
