package org.understudy.replication.wire;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.model.ByteCount;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.loop.EndlessLoop;
import org.understudy.replication.Greeting;
import org.understudy.replication.ReplicaAccess;
import org.understudy.replication.ReplicaSession;
import org.understudy.replication.wire.WireMessage.Failed;
import org.understudy.replication.wire.WireMessage.Hello;

/**
 * The replication port of a target host: a virtual thread for each connection, from the handshake to the end.
 *
 * <p>Whoever has no certificate of the vault's authority, does not speak the protocol or asks for what is not theirs is
 * turned away, counted and told to the {@link RefusalListener}. A connection that breaks before a session is open, for
 * whatever else, accuses nobody: it is counted and logged, once a minute for each peer. One that is closed without a
 * word is a knock ({@link ReplicationDialer#reachable}), and nothing at all.
 */
public final class ReplicationServer implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(ReplicationServer.class);
    private static final Duration LAST_WORD = Duration.ofSeconds(2);
    private static final Duration AFTER_A_FAILURE = Duration.ofMillis(200);
    private static final int BACKLOG = 256;
    private static final Set<FailureCode> AUDITED = Set.of(
            FailureCode.RELATIONSHIP_REFUSED, FailureCode.REPLICA_FENCED, FailureCode.PEER_NOT_TRUSTED,
            FailureCode.PROTOCOL_VIOLATED, FailureCode.NOT_FOUND);

    private final CountingServerSocket listening;
    private final SSLContext context;
    private final ReplicaAccess access;
    private final RefusalLedger refusals;
    private final WireLimits limits;
    private final ConnectionRegister register;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final CountDownLatch acceptEnded = new CountDownLatch(1);
    private final LongAdder receivedBytes = new LongAdder();

    /** A listening socket whose connections count their bytes. */
    static final class CountingServerSocket extends ServerSocket {
        CountingServerSocket() throws IOException {}

        @Override
        public CountingSocket accept() throws IOException {
            CountingSocket socket = new CountingSocket();
            implAccept(socket);
            return socket;
        }
    }

    private ReplicationServer(
            CountingServerSocket listening, TlsIdentity identity, ReplicaAccess access, RefusalListener listener,
            WireLimits limits) {
        this.listening = listening;
        this.context = identity.context();
        this.access = access;
        this.refusals = new RefusalLedger(listener, System::nanoTime);
        this.limits = limits;
        this.register = new ConnectionRegister(limits.connections());
    }

    /** Binds the port (0 for any that is free) and begins to answer; refuses with IN_USE where it cannot listen. */
    public static ReplicationServer listen(
            InetSocketAddress address, TlsIdentity identity, ReplicaAccess access, RefusalListener listener,
            WireLimits limits) throws IOException {
        CountingServerSocket socket = new CountingServerSocket();
        try {
            socket.setReuseAddress(true);
            bind(socket, address);
            ReplicationServer server = new ReplicationServer(socket, identity, access, listener, limits);
            Thread.ofVirtual().name("understudy-wire-accept").start(server::acceptAll);
            LOGGER.info("address={} replication port opened", socket.getLocalSocketAddress());
            return server;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private static void bind(ServerSocket socket, InetSocketAddress address) {
        try {
            socket.bind(address, BACKLOG);
        } catch (IOException e) {
            throw FailureException.of(FailureCode.IN_USE,
                    "The replication port " + address.getPort() + " cannot be opened: " + e.getMessage() + ".",
                    "End what listens there; or choose another port, and register this host anew with it.")
                    .causedBy(e);
        }
    }

    /** The port that it answers at. */
    public int port() {
        return listening.getLocalPort();
    }

    /** How many were turned away since it was opened. */
    public long refusedCount() {
        return refusals.count();
    }

    /** How many ended before their session was open, without having been turned away, since it was opened. */
    public long brokenOffCount() {
        return refusals.brokenOffCount();
    }

    /** Bytes that came over connections that have ended. */
    public ByteCount received() {
        return new ByteCount(receivedBytes.sum());
    }

    private void acceptAll() {
        try {
            new EndlessLoop("replication port", this::acceptNext, listening::isClosed, this::awaitClosing).run();
        } finally {
            acceptEnded.countDown();
        }
    }

    /** Too many open files, for instance, are waited for and not asked about as fast as the machine can. */
    private void acceptNext() throws IOException, InterruptedException {
        try {
            accept();
        } catch (IOException e) {
            if (!listening.isClosed()) {
                LOGGER.warn("connection could not be accepted", e);
                awaitClosing(AFTER_A_FAILURE);
            }
        }
    }

    private void awaitClosing(Duration atMost) throws InterruptedException {
        closing.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void accept() throws IOException {
        CountingSocket socket = listening.accept();
        InetAddress address = socket.getInetAddress();
        Optional<ConnectionRegister.Opening> opening = register.admit(socket, address);
        if (opening.isPresent()) {
            Thread.ofVirtual().name("understudy-wire-" + address.getHostAddress())
                    .start(() -> serve(socket, address, opening.get()));
        } else {
            socket.close();
            refusals.brokenOff(address.getHostAddress(), "too many connections are being opened");
        }
    }

    private void serve(CountingSocket socket, InetAddress address, ConnectionRegister.Opening place) {
        boolean opening = true;
        String peer = address.getHostAddress();
        try (WireChannel channel = new WireChannel(socket, context, false, limits)) {
            register.add(channel);
            try {
                PeerIdentity identity = channel.handshake();
                peer = "host " + identity.host() + " at " + peer;
                Hello hello = greeting(channel);
                // From here on the source hears pulses: a target that looks at a large torn segment first is not lost.
                channel.established();
                register.established(place);
                opening = false;
                converse(channel, peer, new Greeting(hello.relationship(), identity.host()), hello.version());
            } catch (WireViolation e) {
                turnAway(channel, peer, FailureException.of(FailureCode.PROTOCOL_VIOLATED,
                        "The peer does not keep to the protocol: " + e.getMessage() + ".").failure());
            } catch (FailureException e) {
                turnAway(channel, peer, e.failure());
            } catch (IOException e) {
                if (opening) {
                    notOpened(channel, peer, e);
                }
            } finally {
                register.remove(channel);
                receivedBytes.add(channel.received());
            }
        } catch (IOException e) {
            LOGGER.debug("peer={} was gone before it said a word", peer, e);
        } finally {
            register.ended(place);
        }
    }

    /** It ended within the opening: a stranger, who is refused; noise, silence or a cut, which say nothing of who. */
    private void notOpened(WireChannel channel, String peer, IOException e) {
        boolean knock = channel.received() == 0 && !channel.ended();
        if (knock || listening.isClosed()) {
            return;
        }
        CertificateProblem.ofPeer(e).ifPresentOrElse(
                why -> refusals.refused(peer,
                        PeerIdentity.refusal("its certificate is not accepted: " + why).failure()),
                () -> refusals.brokenOff(peer, e.getMessage()));
        // So that a host with a wrong certificate can read the alert that says so.
        channel.hangUp(LAST_WORD);
    }

    private static Hello greeting(WireChannel channel) throws IOException {
        WireMessage first = channel.read();
        if (first instanceof Hello hello) {
            return hello;
        }
        throw new WireViolation("it began with " + first.getClass().getSimpleName() + " and not with a greeting");
    }

    private void converse(WireChannel channel, String peer, Greeting greeting, int version) throws IOException {
        ConnectionRegister.Line line = new ConnectionRegister.Line(greeting.relationship(), greeting.source());
        try {
            register.take(line, channel);
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        }
        try (ReplicaSession session = ReplicaConversation.replica(() -> access.open(greeting))) {
            LOGGER.info("peer=\"{}\" relationship={} session opened", peer, greeting.relationship());
            new ReplicaConversation(channel, session, version).run();
        } catch (WireViolation | FailureException e) {
            throw e;
        } catch (IOException e) {
            LOGGER.info("peer=\"{}\" relationship={} session ended because=\"{}\"", peer, greeting.relationship(),
                    e.getMessage());
        } finally {
            register.release(line);
        }
    }

    private void turnAway(WireChannel channel, String peer, Failure failure) {
        if (AUDITED.contains(failure.code())) {
            refusals.refused(peer, failure);
        } else {
            LOGGER.warn("peer=\"{}\" session failed code={} message=\"{}\"", peer, failure.code(), failure.message());
        }
        channel.writeLast(new Failed(failure), LAST_WORD);
    }

    /** Closes the port and all connections; when it returns no session is open, or a few seconds have passed. */
    @Override
    public void close() throws IOException {
        closing.countDown();
        listening.close();
        if (!register.endAll() || !acceptingEnded()) {
            LOGGER.warn("replication port closed with connections that have not ended");
        }
    }

    /** The kernel answers at the port until the thread that accepts has let go of it. */
    private boolean acceptingEnded() {
        try {
            return acceptEnded.await(LAST_WORD.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
