package org.understudy.replication.wire;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;
import org.understudy.replication.Segment;
import org.understudy.replication.wire.ReplicationServer.CountingServerSocket;
import org.understudy.replication.wire.WireMessage.Hello;

/**
 * The first bytes that a process sends and receives, to itself: zeroes over a connection like any other, on the
 * loopback interface, dropped where they arrive. Until the Java runtime has seen enough of AES-GCM it runs it at a
 * twentieth of its later speed, and pays for the compiler besides; so it sees enough of it here, before a VM's first
 * log is on its way, and of both sides at once.
 *
 * <p>It ends after {@link #ENOUGH} bytes or after {@link #AT_MOST}, whichever comes first, and at {@link #close}.
 * Nothing depends on it: what goes wrong is logged for developers alone. {@link #run} blocks one thread and uses
 * another; memory is that of one connection.
 */
public final class WireWarmUp implements AutoCloseable {
    /** After 80 MiB the cipher of records has been called so often that the compiler takes it on (decision 12). */
    static final ByteCount ENOUGH = ByteCount.ofMebibytes(96);
    /** On a machine that is very busy, or has no instructions for AES, the rest is left to the first log. */
    static final Duration AT_MOST = Duration.ofSeconds(6);

    private static final Logger LOGGER = LoggerFactory.getLogger(WireWarmUp.class);
    private static final ByteCount SEGMENT = ByteCount.ofMebibytes(4);
    private static final DiskName DISK = new DiskName("vda");
    private static final LogPosition START = LogPosition.startOf(1);

    private final HostId host;
    private final TlsIdentity identity;
    private final CountingSocket source = new CountingSocket();
    private volatile boolean closed;

    /** The host as its own peer: its certificate proves both sides. */
    public WireWarmUp(HostId host, TlsIdentity identity) {
        this.host = Objects.requireNonNull(host, "host");
        this.identity = Objects.requireNonNull(identity, "identity");
    }

    /** Sends until it is enough, and returns how much that was. */
    public ByteCount run() {
        long began = System.nanoTime();
        SSLContext context = identity.context();
        long sent = 0;
        try (CountingServerSocket listening = new CountingServerSocket()) {
            listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
            Thread.ofVirtual().name("understudy-wire-warm-up").start(() -> receive(listening, context));
            source.connect(listening.getLocalSocketAddress());
            try (ReplicationClient target = ReplicationClient.open(new WireChannel(source, context, true,
                    WireLimits.USUAL), host, new Hello(
                            RelationshipId.first(new ItemId(new UUID(0, 0))), WireCodec.VERSION))) {
                while (!closed && sent < ENOUGH.bytes() && System.nanoTime() - began < AT_MOST.toNanos()) {
                    target.ship(new Zeroes(), 0);
                    sent += SEGMENT.bytes();
                }
            }
            LOGGER.debug("wire was warmed up bytes={} millis={}", sent, (System.nanoTime() - began) / 1_000_000);
        } catch (IOException | FailureException e) {
            LOGGER.debug("wire was not warmed up bytes={}", sent, e);
        }
        return new ByteCount(sent);
    }

    /** Takes the one connection; another process of this machine that were faster is shown the same door as any. */
    private void receive(CountingServerSocket listening, SSLContext context) {
        try (CountingSocket taken = listening.accept();
                WireChannel channel = new WireChannel(taken, context, false, WireLimits.USUAL)) {
            if (!channel.handshake().host().equals(host) || !(channel.read() instanceof Hello)) {
                throw new WireViolation("the warm-up was joined by somebody else");
            }
            channel.established();
            new ReplicaConversation(channel, new DroppingSession(START.generation()), WireCodec.VERSION).run();
        } catch (IOException | FailureException e) {
            LOGGER.debug("warm-up's connection ended", e);
        }
    }

    /** Ends it soon; any thread. */
    @Override
    public void close() throws IOException {
        closed = true;
        source.close();
    }

    /** A segment that is no log: nobody looks at its bytes. */
    private record Zeroes() implements Segment {
        @Override
        public DiskName disk() {
            return DISK;
        }

        @Override
        public LogPosition position() {
            return START.next();
        }

        @Override
        public long capture() {
            return 0;
        }

        @Override
        public ByteCount length() {
            return SEGMENT;
        }

        @Override
        public ReadableByteChannel openAt(long offset) {
            return new ReadableByteChannel() {
                @Override
                public int read(ByteBuffer into) {
                    int length = into.remaining();
                    into.position(into.limit());
                    return length;
                }

                @Override
                public boolean isOpen() {
                    return true;
                }

                @Override
                public void close() {
                    // There is nothing behind it.
                }
            };
        }
    }
}
