package org.understudy.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The transmission phase of one connection: sends requests of any number of threads, and keeps those in flight.
 *
 * <p>Replies come in any order and are taken by one thread of its own. When that thread cannot go on, the connection is
 * lost: all requests in flight fail with the reason, and so does every later one.
 */
final class NbdConnection {
    private final SocketChannel channel;
    private final NbdExport export;
    private final Semaphore slots;
    private final Thread reader;
    private final ReentrantLock sending = new ReentrantLock();
    private final ByteBuffer head = ByteBuffer.allocateDirect(NbdProtocol.REQUEST_BYTES);
    private final ReentrantLock table = new ReentrantLock();
    private final Map<Long, NbdRequest> inFlight = new HashMap<>();
    private final Map<NbdRequest, Long> cookies = new HashMap<>();
    private long nextCookie = 1;
    private IOException lost;

    private NbdConnection(SocketChannel channel, NbdExport export, int inFlightMax) {
        this.channel = channel;
        this.export = export;
        this.slots = new Semaphore(inFlightMax);
        NbdReplyReader replies = new NbdReplyReader(channel, export, this);
        this.reader = Thread.ofPlatform().daemon().name("nbd-" + export.name()).unstarted(() -> readReplies(replies));
    }

    static NbdConnection start(SocketChannel channel, NbdExport export, int inFlightMax) {
        NbdConnection connection = new NbdConnection(channel, export, inFlightMax);
        connection.reader.start();
        return connection;
    }

    /** Sends a request as soon as fewer than the most are in flight; {@code payload} is sent behind it. */
    void send(NbdRequest request, ByteBuffer... payload) throws IOException {
        slots.acquireUninterruptibly();
        long cookie = register(request);
        sending.lock();
        try {
            head.clear();
            head.putInt(NbdProtocol.REQUEST_MAGIC).putShort((short) 0).putShort(request.command).putLong(cookie);
            head.putLong(request.offset).putInt((int) request.length).flip();
            ByteBuffer[] all = new ByteBuffer[1 + payload.length];
            all[0] = head;
            System.arraycopy(payload, 0, all, 1, payload.length);
            while (all[all.length - 1].hasRemaining()) {
                channel.write(all);
            }
        } catch (IOException e) {
            lose(e);
            throw e;
        } finally {
            sending.unlock();
        }
    }

    /** Waits for a request that was sent. */
    void await(NbdRequest request) throws IOException {
        request.await(this::closeChannel);
    }

    /** Sends and waits. */
    void perform(NbdRequest request, ByteBuffer... payload) throws IOException {
        send(request, payload);
        await(request);
    }

    /** The request with this cookie; the reader asks. */
    NbdRequest inFlight(long cookie) throws NbdException {
        table.lock();
        try {
            NbdRequest request = inFlight.get(cookie);
            if (request == null) {
                throw new NbdException("NBD export \"%s\": the server broke the protocol: a reply to no request"
                        .formatted(export.name()));
            }
            return request;
        } finally {
            table.unlock();
        }
    }

    /** The last reply to a request came; the reader tells. */
    void complete(NbdRequest request) {
        table.lock();
        try {
            inFlight.remove(cookies.remove(request));
        } finally {
            table.unlock();
        }
        slots.release();
        request.done();
    }

    /** Says goodbye if the server listens, and ends everything; waits until no buffer is written any more. */
    void close() throws IOException {
        if (channel.isOpen() && isIdle() && sending.tryLock()) {
            try {
                head.clear().putInt(NbdProtocol.REQUEST_MAGIC).putShort((short) 0);
                head.putShort(NbdProtocol.NBD_CMD_DISC).putLong(0).putLong(0).putInt(0).flip();
                channel.write(head);
            } catch (IOException e) {
                // Nobody listens: the server is gone, and so is the reason for the goodbye.
                lose(e);
            } finally {
                sending.unlock();
            }
        }
        channel.close();
        boolean interrupted = Thread.interrupted();
        while (reader.isAlive() && Thread.currentThread() != reader) {
            try {
                reader.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** A server with nothing to do reads what is sent, so that the goodbye cannot block. */
    private boolean isIdle() {
        table.lock();
        try {
            return inFlight.isEmpty();
        } finally {
            table.unlock();
        }
    }

    private long register(NbdRequest request) throws IOException {
        table.lock();
        try {
            if (lost != null) {
                slots.release();
                throw new IOException(lost.getMessage(), lost);
            }
            long cookie = nextCookie++;
            inFlight.put(cookie, request);
            cookies.put(request, cookie);
            return cookie;
        } finally {
            table.unlock();
        }
    }

    private void readReplies(NbdReplyReader replies) {
        IOException end = null;
        while (end == null) {
            try {
                replies.readOne();
            } catch (IOException e) {
                end = e;
            } catch (RuntimeException e) {
                end = new IOException("NBD export \"%s\": a reply could not be taken".formatted(export.name()), e);
            }
        }
        lose(end);
        failInFlight();
    }

    /** Ends the connection; the reader then fails what is in flight, for only it knows when no buffer is in use. */
    private void lose(IOException reason) {
        setLost(reason);
        closeChannel();
    }

    private void setLost(IOException reason) {
        table.lock();
        try {
            if (lost == null) {
                lost = reason;
            }
        } finally {
            table.unlock();
        }
    }

    private void failInFlight() {
        List<NbdRequest> left;
        table.lock();
        try {
            left = new ArrayList<>(inFlight.values());
            inFlight.clear();
            cookies.clear();
        } finally {
            table.unlock();
        }
        left.forEach(request -> {
            slots.release();
            request.lost(lost);
        });
    }

    private void closeChannel() {
        try {
            channel.close();
        } catch (IOException e) {
            // A socket that cannot be closed is closed all the same; the reader sees its end.
            setLost(e);
        }
    }
}
