package org.understudy.replication.wire;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.replication.wire.WireMessage.Pulse;

/**
 * One TLS connection as messages, with a watch over it. One thread reads; any thread writes; any thread aborts.
 *
 * <p>The watch knows two limits: until {@link #established} the whole opening must be through within the handshake's;
 * afterwards the link is lost when a thread has waited on it for the stall's while nothing came. There is no time limit
 * on a write in Java, and closing an {@code SSLSocket} can itself wait for a write that hangs; so the watch closes the
 * TCP socket below, which ends everything at once. A peer whose disk is slow is no lost link: its pulse thread goes on.
 */
final class WireChannel implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(WireChannel.class);
    private static final int FIRST_BUFFER_BYTES = 4 << 10;
    private static final byte[] PULSE = WireCodec.encode(new Pulse());

    private final CountingSocket raw;
    private final SSLSocket tls;
    private final WireLimits limits;
    private final ReentrantLock writing = new ReentrantLock();
    private final Lock lock = new ReentrantLock();
    private final Condition closedCondition = lock.newCondition();
    private final byte[] header = new byte[WireCodec.HEADER_BYTES];
    private byte[] payload = new byte[FIRST_BUFFER_BYTES];
    private volatile boolean reading;
    private volatile long writtenAt = System.nanoTime();
    private volatile long deadline;
    private volatile boolean established;
    private boolean closed;
    private Optional<String> lostBecause = Optional.empty();

    /** Takes over a connected socket and closes it when the opening fails; then it stands at nothing said. */
    WireChannel(CountingSocket raw, SSLContext context, boolean client, WireLimits limits) throws IOException {
        this.raw = raw;
        this.limits = limits;
        this.deadline = System.nanoTime() + limits.handshake().toNanos();
        try {
            raw.setTcpNoDelay(true);
            this.tls = TlsIdentity.layer(context, raw, client);
        } catch (IOException e) {
            raw.close();
            throw e;
        }
        Thread.ofVirtual().name("understudy-wire-watch").start(this::watch);
    }

    /** Runs the TLS handshake; returns who the peer is. */
    PeerIdentity handshake() throws IOException {
        try {
            tls.startHandshake();
            return PeerIdentity.of(tls.getSession());
        } catch (IOException e) {
            throw explained(e);
        }
    }

    /** The greeting is through: from now on the stall's limit holds and pulses are sent. */
    void established() {
        established = true;
        Thread.ofVirtual().name("understudy-wire-pulse").start(this::pulse);
    }

    /** The bytes that this side has put on the network. */
    long sent() {
        return raw.sent();
    }

    /** The bytes that came from the network. */
    long received() {
        return raw.received();
    }

    String peerAddress() {
        return raw.getInetAddress().getHostAddress();
    }

    /** The next message, pulses included; {@link EOFException} when the peer ended the connection between two. */
    WireMessage read() throws IOException {
        reading = true;
        try {
            InputStream in = tls.getInputStream();
            if (in.readNBytes(header, 0, header.length) < header.length) {
                throw new EOFException("the peer ended the connection");
            }
            ByteBuffer head = ByteBuffer.wrap(header);
            byte type = head.get();
            int length = head.getInt();
            if (length < 0 || length > WireCodec.payloadMax(type)) {
                throw new WireViolation("a message of type " + type + " is not "
                        + Integer.toUnsignedString(length) + " bytes long");
            }
            if (payload.length < length) {
                payload = new byte[Math.max(length, Math.min(2 * payload.length, WireCodec.SEGMENT_BYTES_MAX))];
            }
            if (in.readNBytes(payload, 0, length) < length) {
                throw new EOFException("the peer ended the connection within a message");
            }
            return WireCodec.decode(type, ByteBuffer.wrap(payload, 0, length));
        } catch (IOException e) {
            throw explained(e);
        } finally {
            reading = false;
        }
    }

    /** Writes a message; it is on its way when this returns. */
    void write(WireMessage message) throws IOException {
        byte[] frame = WireCodec.encode(message);
        write(frame, frame.length);
    }

    /** Writes the first {@code length} bytes of {@code frame}, which are one message or more. */
    void write(byte[] frame, int length) throws IOException {
        writing.lock();
        try {
            OutputStream out = tls.getOutputStream();
            out.write(frame, 0, length);
            writtenAt = System.nanoTime();
        } catch (IOException e) {
            throw explained(e);
        } finally {
            writing.unlock();
        }
    }

    /** Why the watch closed it says more than what the closed socket says. */
    private IOException explained(IOException e) {
        lock.lock();
        try {
            return lostBecause.map(why -> new IOException(why, e)).orElse(e);
        } finally {
            lock.unlock();
        }
    }

    private void pulse() {
        long interval = limits.pulse().toNanos();
        while (!awaitClosed(interval / 2)) {
            // Whoever writes just now is heard as well as a pulse.
            if (System.nanoTime() - writtenAt >= interval / 2 && writing.tryLock()) {
                try {
                    write(PULSE, PULSE.length);
                } catch (IOException e) {
                    LOGGER.debug("peer={} could not be told a pulse", peerAddress(), e);
                    return;
                } finally {
                    writing.unlock();
                }
            }
        }
    }

    private void watch() {
        long tick = Math.min(limits.pulse().toNanos(), limits.handshake().toNanos() / 5) / 2;
        long heard = -1;
        long heardAt = System.nanoTime();
        while (!awaitClosed(tick)) {
            long now = System.nanoTime();
            if (!established) {
                if (now - deadline > 0) {
                    abort("the connection was not opened within " + limits.handshake().toMillis() + " ms");
                }
                heardAt = now;
                continue;
            }
            boolean waiting = reading || writing.isLocked();
            if (!waiting || raw.received() != heard) {
                heard = raw.received();
                heardAt = now;
            } else if (now - heardAt > limits.stall().toNanos()) {
                abort("nothing was heard from the peer for " + limits.stall().toMillis() + " ms");
            }
        }
    }

    private boolean awaitClosed(long nanos) {
        lock.lock();
        try {
            long left = nanos;
            while (!closed && left > 0) {
                left = closedCondition.awaitNanos(left);
            }
            return closed;
        } catch (InterruptedException e) {
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the connection at once; whoever reads or writes fails with this reason. The first reason stands. */
    void abort(String reason) {
        lock.lock();
        try {
            if (!closed) {
                lostBecause = Optional.of(reason);
            }
        } finally {
            lock.unlock();
        }
        close();
    }

    /**
     * Sends a last message and lets the peer read it: a socket closed with unread bytes in it takes back what it sent.
     */
    void writeLast(WireMessage message, Duration patience) {
        try {
            write(message);
            hangUp(patience);
        } catch (IOException e) {
            LOGGER.debug("peer={} did not take the reason of the end", peerAddress(), e);
        } finally {
            close();
        }
    }

    /** Says nothing more, not even in TLS, and waits for the peer to hang up too, within {@code patience}. */
    void hangUp(Duration patience) {
        try {
            deadline = System.nanoTime() + patience.toNanos();
            established = false;
            raw.shutdownOutput();
            InputStream in = raw.getInputStream();
            byte[] ignored = new byte[FIRST_BUFFER_BYTES];
            while (in.read(ignored) >= 0) {
                // What the peer says after the end means nothing.
                continue;
            }
        } catch (IOException e) {
            LOGGER.debug("peer={} did not hang up", peerAddress(), e);
        } finally {
            close();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            closedCondition.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            raw.close();
        } catch (IOException e) {
            LOGGER.debug("socket was not closed cleanly", e);
        }
    }

    /** Whether this side ended it. */
    boolean ended() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }
}
