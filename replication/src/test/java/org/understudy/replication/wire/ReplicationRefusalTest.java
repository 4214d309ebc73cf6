package org.understudy.replication.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.understudy.replication.wire.WireWorld.VDA;
import static org.understudy.replication.wire.WireWorld.at;
import static org.understudy.replication.wire.WireWorld.await;
import static org.understudy.replication.wire.WireWorld.segment;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.understudy.model.ByteCount;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.RelationshipId;
import org.understudy.replication.SegmentOffer;
import org.understudy.replication.TargetEnd;
import org.understudy.replication.wire.WireMessage.Acknowledge;
import org.understudy.replication.wire.WireMessage.Durable;
import org.understudy.replication.wire.WireMessage.Failed;
import org.understudy.replication.wire.WireMessage.Hello;
import org.understudy.replication.wire.WireMessage.Pulse;
import org.understudy.replication.wire.WireMessage.SegmentBytes;
import org.understudy.replication.wire.WireMessage.SegmentEnd;
import org.understudy.replication.wire.WireMessage.SegmentStart;

/** Who is turned away at the replication port, and that nothing is lost by it. */
@Timeout(180)
class ReplicationRefusalTest {
    private WireWorld world;

    @BeforeEach
    void open() throws IOException {
        world = new WireWorld();
    }

    @AfterEach
    void stillServesWhoMaySend() throws IOException {
        try (TargetEnd target = world.dial()) {
            target.ship(segment(VDA, 1, 1000), target.standing().held(segment(VDA, 1, 1000)).bytes());
            target.acknowledge(at(1));
        }
        world.close();
    }

    @Tag("slow")
    @Test
    void aThousandSilentConnectionsFromEightAddressesKeepNoSourceOut() throws IOException {
        List<Socket> silent = new ArrayList<>();
        try (WireWorld world = new WireWorld(WireLimits.USUAL)) {
            for (int i = 0; i < 1024; i++) {
                Socket socket = new Socket();
                silent.add(socket);
                socket.bind(new InetSocketAddress(InetAddress.getByName("127.0.0." + (2 + i % 8)), 0));
                socket.connect(new InetSocketAddress("127.0.0.1", world.server.port()));
            }
            try (TargetEnd end = world.dial()) {
                assertThat(end.standing()).isNotNull();
            }
            assertThat(world.refusals).isEmpty();
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }

    @Test
    void aHostThatIsNotTheSourceOfTheItem() {
        HostId other = HostId.random();
        FailureException told = refused(
                () -> world.dialer(world.vault.host(other), world.server.port(), WireWorld.PATIENT).dial(1));
        assertThat(told.failure().code()).isEqualTo(FailureCode.RELATIONSHIP_REFUSED);
        assertThat(told.failure().message()).contains(other.toString(), world.item.toString());
        assertThat(world.refusals).singleElement().satisfies(refusal -> {
            assertThat(refusal.peer()).contains(other.toString(), "127.0.0.1");
            assertThat(refusal.failure().code()).isEqualTo(FailureCode.RELATIONSHIP_REFUSED);
        });
    }

    @Test
    void aHostThatIsNotTheSourceDoesNotEndTheSourcesSession() throws IOException {
        try (TargetEnd target = world.dial()) {
            refused(() -> world.dialer(world.vault.host(HostId.random()), world.server.port(), WireWorld.PATIENT)
                    .dial(1));
            target.ship(segment(VDA, 1, 1000), 0);
            assertThat(world.replica.sessionsEver.get()).isEqualTo(1);
        }
    }

    @Test
    void anItemThatIsNotHere() {
        ReplicationDialer elsewhere = new ReplicationDialer(ItemId.random(), world.target, "127.0.0.1",
                world.server.port(), world.vault.host(world.source), WireWorld.PATIENT);
        assertThat(refused(() -> elsewhere.dial(1)).failure().code()).isEqualTo(FailureCode.RELATIONSHIP_REFUSED);
    }

    @Test
    void aCertificateOfAnotherAuthority() {
        TlsIdentity stranger = new TestAuthority("another").hostTrusting(world.source, world.vault);
        FailureException told = refused(
                () -> world.dialer(stranger, world.server.port(), WireWorld.PATIENT).dial(1));
        assertThat(told.failure().code()).isEqualTo(FailureCode.PEER_NOT_TRUSTED);
        await(() -> world.refusals.size() == 1);
        assertThat(world.refusals.getFirst().failure().code()).isEqualTo(FailureCode.PEER_NOT_TRUSTED);
    }

    @Test
    void aTargetOfAnotherAuthority() {
        TlsIdentity trustsAnother = world.vault.hostTrusting(world.source, new TestAuthority("another"));
        FailureException told = refused(
                () -> world.dialer(trustsAnother, world.server.port(), WireWorld.PATIENT).dial(1));
        assertThat(told.failure().code()).isEqualTo(FailureCode.PEER_NOT_TRUSTED);
    }

    @Test
    void aTargetThatIsAnotherHost() {
        HostId expected = HostId.random();
        ReplicationDialer dialer = new ReplicationDialer(world.item, expected, "127.0.0.1", world.server.port(),
                world.vault.host(world.source), WireWorld.PATIENT);
        FailureException told = refused(() -> dialer.dial(1));
        assertThat(told.failure().code()).isEqualTo(FailureCode.PEER_NOT_TRUSTED);
        assertThat(told.failure().message()).contains(expected.toString(), world.target.toString());
    }

    @Test
    void aCertificateThatNamesNoHostOrTwoOrNonsense() {
        String one = PeerIdentity.urn(world.source);
        for (TlsIdentity odd : List.of(
                world.vault.certified("CN=" + world.source),
                world.vault.certified("CN=" + world.source, one, PeerIdentity.urn(HostId.random())),
                world.vault.certified("CN=" + world.source, PeerIdentity.URN + "me"))) {
            FailureException told = refused(
                    () -> world.dialer(odd, world.server.port(), WireWorld.PATIENT).dial(1));
            assertThat(told.failure().code()).isEqualTo(FailureCode.PEER_NOT_TRUSTED);
        }
        assertThat(world.server.refusedCount()).isEqualTo(3);
        assertThat(world.refusals).as("the same peer and code within a minute").hasSize(1);
    }

    @Test
    void plainTextAndRandomBytes() throws IOException {
        Random random = new Random(42);
        for (int i = 0; i < 20; i++) {
            byte[] garbage = i == 0 ? "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII)
                    : new byte[1 + random.nextInt(5000)];
            if (i > 0) {
                random.nextBytes(garbage);
            }
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), world.server.port())) {
                socket.getOutputStream().write(garbage);
                socket.shutdownOutput();
                socket.getInputStream().readAllBytes();
            } catch (IOException e) {
                // Hung up on is as good.
            }
        }
        await(() -> world.server.brokenOffCount() == 20);
        assertThat(world.refusals).as("noise is nobody's refusal").isEmpty();
        assertThat(world.server.refusedCount()).isZero();
    }

    @Test
    void butNotATrustedHostWhoseHandshakeIsCutAtAnyByte() throws IOException {
        SSLContext trusted = world.vault.host(world.source).context();
        int cuts = 0;
        for (int bytes = 1; bytes < 2000; bytes += 190) {
            CutHandshake.of(trusted, world.server.port(), bytes, true);
            CutHandshake.of(trusted, world.server.port(), bytes, false);
            cuts++;
        }
        int all = cuts;
        await(() -> world.server.brokenOffCount() >= all);
        assertThat(world.refusals).isEmpty();
    }

    @Test
    void norATrustedHostThatGoesAwayBeforeItsGreeting() throws IOException {
        channel().close();
        await(() -> world.server.brokenOffCount() == 1);
        assertThat(world.refusals).isEmpty();
    }

    @Test
    void norATrustedHostThatDoesNotTrustThisOne() throws IOException {
        refused(() -> world.dialer(world.vault.hostTrusting(world.source, new TestAuthority("another")),
                world.server.port(), WireWorld.PATIENT).dial(1));
        await(() -> world.server.brokenOffCount() == 1);
        assertThat(world.refusals).isEmpty();
    }

    @Test
    void aCertificateThatHasExpiredOrIsShownWithoutItsKey() {
        for (TlsIdentity odd : List.of(
                world.vault.hostWithoutItsKey(world.source), world.vault.expiredHost(world.source))) {
            assertThat(catchThrowable(() -> world.dialer(odd, world.server.port(), WireWorld.PATIENT).dial(1)))
                    .isInstanceOfAny(IOException.class, FailureException.class);
        }
        await(() -> world.server.refusedCount() == 2);
        assertThat(world.refusals).singleElement()
                .satisfies(it -> assertThat(it.failure().code()).isEqualTo(FailureCode.PEER_NOT_TRUSTED));
    }

    @Test
    void whoShowsNoCertificate() throws IOException {
        CutHandshake.of(world.vault.anonymous(), world.server.port(), Integer.MAX_VALUE, false);
        await(() -> world.server.refusedCount() == 1);
        assertThat(world.refusals).singleElement()
                .satisfies(it -> assertThat(it.failure().code()).isEqualTo(FailureCode.PEER_NOT_TRUSTED));
    }

    @Test
    void somebodyWhoConnectsAndSaysNothing() throws IOException {
        WireLimits hasty = new WireLimits(Duration.ofSeconds(5), Duration.ofMillis(500), Duration.ofSeconds(5), 64);
        try (WireWorld hurried = new WireWorld(hasty);
                Socket silent = new Socket(InetAddress.getLoopbackAddress(), hurried.server.port())) {
            await(() -> hurried.server.brokenOffCount() == 1);
            assertThat(hurried.refusals).isEmpty();
            assertThat(catchThrowable(() -> assertThat(silent.getInputStream().read()).isEqualTo(-1)))
                    .satisfiesAnyOf(none -> assertThat(none).isNull(),
                            reset -> assertThat(reset).isInstanceOf(IOException.class));
        }
    }

    @Test
    void butNotAKnock() {
        assertThat(world.dialer().reachable()).isTrue();
        assertThat(world.dialer().reachable()).isTrue();
        assertThat(refused(() -> world.dialer(world.vault.host(HostId.random()), world.server.port(),
                WireWorld.PATIENT).dial(1)).failure().code()).isEqualTo(FailureCode.RELATIONSHIP_REFUSED);
        assertThat(world.server.refusedCount()).isEqualTo(1);
    }

    @Tag("slow")
    @Test
    void messagesThatAreNotTheSourcesToSay() throws IOException {
        Hello hello = new Hello(RelationshipId.first(world.item), WireCodec.VERSION);
        SegmentStart start = new SegmentStart(SegmentOffer.of(segment(VDA, 1, 10), 0));
        SegmentBytes eleven = new SegmentBytes(ByteBuffer.allocate(11));
        for (List<WireMessage> wrong : List.<List<WireMessage>>of(
                List.of(new Pulse()), List.of(start), List.of(new Durable()),
                List.of(hello, hello), List.of(hello, eleven), List.of(hello, new SegmentEnd()),
                List.of(hello, start, start), List.of(hello, start, eleven), List.of(hello, start, new SegmentEnd()),
                List.of(hello, start, new Acknowledge(at(1))), List.of(hello, new Durable()))) {
            try (WireChannel channel = channel()) {
                for (WireMessage message : wrong) {
                    channel.write(message);
                }
                assertThat(lastWord(channel).failure().code()).isEqualTo(FailureCode.PROTOCOL_VIOLATED);
            }
        }
        assertThat(world.replica.held(VDA)).isEmpty();
        await(() -> world.replica.openSessions.get() == 0);
    }

    @Tag("slow")
    @Test
    void framesThatAreTooLongTruncatedOrRandomOverTrueTls() throws IOException {
        byte[] hello = WireCodec.encode(new Hello(RelationshipId.first(world.item), WireCodec.VERSION));
        Random random = new Random(1);
        Stream<byte[]> wrong = Stream.concat(
                Stream.of(new byte[] {1, 127, -1, -1, -1}, new byte[] {4, 0, 16, 0, 1}, new byte[] {5, 0, 0, 0, 1, 0},
                        new byte[] {0, 0, 0, 0, 0}, new byte[] {-1, -1, -1, -1, -1}, changed(hello, 5, 99),
                        changed(hello, 10, 1), changed(hello, 10, WireCodec.VERSION + 1)),
                IntStream.range(0, 40).mapToObj(_ -> {
                    byte[] bytes = new byte[1 + random.nextInt(300)];
                    random.nextBytes(bytes);
                    bytes[0] = (byte) random.nextInt(16);
                    return bytes;
                }));
        wrong.forEach(bytes -> {
            try (WireChannel channel = channel()) {
                channel.write(bytes, bytes.length);
                channel.hangUp(Duration.ofSeconds(5));
            } catch (IOException e) {
                // Hung up on is as good.
            }
        });
        assertThat(world.replica.sessionsEver.get()).isZero();
    }

    private static byte[] changed(byte[] bytes, int at, int value) {
        byte[] copy = bytes.clone();
        copy[at] = (byte) value;
        return copy;
    }

    private WireChannel channel() throws IOException {
        CountingSocket raw = new CountingSocket();
        raw.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), world.server.port()));
        WireChannel channel =
                new WireChannel(raw, world.vault.host(world.source).context(), true, WireWorld.PATIENT);
        channel.handshake();
        return channel;
    }

    private static Failed lastWord(WireChannel channel) throws IOException {
        while (true) {
            if (channel.read() instanceof Failed failed) {
                return failed;
            }
        }
    }

    private static FailureException refused(ThrowingCallable dial) {
        return catchThrowableOfType(FailureException.class, dial);
    }
}
