package org.understudy.replication.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.understudy.replication.wire.WireWorld.VDA;
import static org.understudy.replication.wire.WireWorld.at;
import static org.understudy.replication.wire.WireWorld.await;
import static org.understudy.replication.wire.WireWorld.segment;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;
import org.understudy.replication.HashAnswer;
import org.understudy.replication.HashRequest;
import org.understudy.replication.MachineState;
import org.understudy.replication.StateDigest;
import org.understudy.replication.TargetDialer;
import org.understudy.replication.TargetEnd;
import org.understudy.replication.wire.WireMessage.Acknowledge;
import org.understudy.replication.wire.WireMessage.Hello;
import org.understudy.replication.wire.WireMessage.State;

/** What a machine keeps beside its disks, over real TLS on loopback. */
@Timeout(180)
class MachineStateWireTest {
    private static final MachineState LARGEST = new MachineState(bytes(MachineState.BYTES_MAX));
    private static final MachineState SMALL = new MachineState(bytes(100));

    @Test
    void aStateIsThereBeforeThePositionIsAcknowledged() throws IOException {
        try (WireWorld world = new WireWorld(); TargetEnd target = world.dial()) {
            assertThat(target.keptState()).contains(StateDigest.OF_NONE);
            for (long sequence = 1; sequence < 4; sequence++) {
                MachineState told = sequence == 1 ? LARGEST : sequence == 2 ? SMALL : MachineState.NONE;
                target.ship(segment(VDA, sequence, 10), 0);
                target.keep(at(sequence), told);
                target.acknowledge(at(sequence));
                assertThat(world.replica.state()).isEqualTo(told);
                assertThat(world.replica.state().bytes()).isEqualTo(told.bytes());
                assertThat(world.replica.statePosition()).isEqualTo(at(sequence));
            }
        }
    }

    @Test
    void theNextSessionHearsWhatIsKept() throws IOException {
        try (WireWorld world = new WireWorld()) {
            try (TargetEnd target = world.dial()) {
                target.keep(at(1), SMALL);
                target.acknowledge(at(1));
            }
            try (TargetEnd target = world.dial()) {
                assertThat(target.keptState()).contains(SMALL.digest());
            }
        }
    }

    /** Its agents are updated later. */
    @Test
    void aTargetOfTheReleaseBeforeGetsTheDisksAndNoState() throws IOException {
        try (WireWorld world = new WireWorld()) {
            AtomicInteger greetings = new AtomicInteger();
            try (ReplicationServer earlier = ReplicationServer.listen(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), world.vault.host(world.target),
                    greeting -> {
                        if (greetings.incrementAndGet() == 1) {
                            throw FailureException.of(FailureCode.PROTOCOL_VIOLATED,
                                    "The peer speaks version 4 of the protocol, this host 3.");
                        }
                        return world.replica.open(greeting);
                    }, (_, _) -> { }, WireWorld.PATIENT)) {
                TargetDialer dialer = world.dialer(
                        world.vault.host(world.source), earlier.port(), WireWorld.PATIENT);
                for (long sequence = 1; sequence < 3; sequence++) {
                    try (TargetEnd target = dialer.dial(1)) {
                        assertThat(target.keptState()).isEmpty();
                        target.ship(segment(VDA, sequence, 10), 0);
                        target.keep(at(sequence), SMALL);
                        target.acknowledge(at(sequence));
                        assertThat(target.hashes(new HashRequest(at(sequence), VDA, new UUID(1, 2), 0, 1)))
                                .as("version 3 knows of hashes").isInstanceOf(HashAnswer.Hashes.class);
                    }
                }
                world.replica.damageJournalAfter(at(1));
                try (TargetEnd target = dialer.dial(1)) {
                    assertThat(target.standing().wholeUpTo()).as("and of damage").contains(at(1));
                }
            }
            assertThat(greetings).as("the newest is not tried at each dial").hasValue(4);
            assertThat(world.replica.state()).isEqualTo(MachineState.NONE);
            assertThat(world.replica.acknowledged()).isEqualTo(at(2));
        }
    }

    @Test
    void aSourceOfTheReleaseBeforeIsAnsweredAsItWas() throws IOException {
        try (WireWorld world = new WireWorld();
                TargetEnd source = ReplicationClient.open(channel(world), world.target, hello(world, 3))) {
            assertThat(source.keptState()).isEmpty();
            source.ship(segment(VDA, 1, 10), 0);
            source.define(at(1), "<domain/>");
            source.acknowledge(at(1));
            assertThat(source.hashes(new HashRequest(at(1), VDA, new UUID(1, 2), 0, 1)))
                    .isInstanceOf(HashAnswer.Hashes.class);
            assertThat(world.replica.acknowledged()).isEqualTo(at(1));
        }
    }

    @Test
    void whatIsNoStateInOrderEndsTheConnectionAndKeepsNothing() throws IOException {
        StateDigest digest = SMALL.digest();
        State first = new State(at(1), digest, 100, 0, ByteBuffer.wrap(SMALL.bytes(), 0, 50));
        State second = new State(at(1), digest, 100, 50, ByteBuffer.wrap(SMALL.bytes(), 50, 50));
        refused(4, first, first);
        refused(4, first, new State(at(2), digest, 100, 50, second.bytes()));
        refused(4, first, new State(at(1), digest, 101, 50, second.bytes()));
        refused(4, first, new State(at(1), digest, 100, 50, ByteBuffer.allocate(50)));
        refused(4, first, new Acknowledge(at(1)));
        refused(4, second);
        refused(3, first, second);
    }

    @Test
    void aStateThatWasInterruptedComesAgainFromItsStart() throws IOException {
        try (WireWorld world = new WireWorld()) {
            try (WireChannel channel = channel(world)) {
                channel.handshake();
                channel.write(hello(world, 4));
                channel.write(new State(at(1), LARGEST.digest(), MachineState.BYTES_MAX, 0,
                        ByteBuffer.wrap(LARGEST.bytes(), 0, WireCodec.STATE_BYTES)));
                await(() -> world.replica.openSessions.get() == 1);
            }
            try (TargetEnd target = world.dial()) {
                assertThat(target.keptState()).contains(StateDigest.OF_NONE);
                target.keep(at(1), LARGEST);
                target.acknowledge(at(1));
            }
            assertThat(world.replica.state()).isEqualTo(LARGEST);
        }
    }

    private static void refused(int version, WireMessage... told) throws IOException {
        try (WireWorld world = new WireWorld(); WireChannel channel = channel(world)) {
            channel.handshake();
            channel.write(hello(world, version));
            assertThat(catchThrowable(() -> {
                for (WireMessage message : told) {
                    channel.write(message);
                }
                while (!(channel.read() instanceof WireMessage.Failed)) {
                    // The greeting's answer, and pulses.
                }
            })).isNull();
            await(() -> world.replica.openSessions.get() == 0);
            assertThat(world.refusals).extracting(refused -> refused.failure().code())
                    .containsExactly(FailureCode.PROTOCOL_VIOLATED);
            assertThat(world.replica.statePosition()).isEqualTo(LogPosition.startOf(1));
        }
    }

    private static WireChannel channel(WireWorld world) throws IOException {
        CountingSocket socket = new CountingSocket();
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), world.server.port()));
        return new WireChannel(socket, world.vault.host(world.source).context(), true, WireWorld.PATIENT);
    }

    private static Hello hello(WireWorld world, int version) {
        return new Hello(RelationshipId.first(world.item), version);
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }
}
