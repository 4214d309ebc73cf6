package org.understudy.vault.http;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.model.AddressBlock;
import org.understudy.model.loop.EndlessLoop;

/**
 * Who is connected to the vault's port, and until when. Strangers, who have shown neither a good certificate nor a good
 * token, have a pool of their own, in all and by address: where it is full, the oldest of them goes. Every connection
 * has a deadline for what it has to do next, and is closed when that has passed. Safe for many threads.
 */
final class Door implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Door.class);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    private final DoorLimits limits;
    private final LongSupplier nanos;
    private final Lock lock = new ReentrantLock();
    /** Oldest first. */
    private final Map<SocketAddress, Visit> visits = new LinkedHashMap<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private int known;
    private long turnedOut;

    /** A connection. */
    private static final class Visit {
        private final SocketChannel channel;
        private final AddressBlock from;
        private boolean known;
        private long deadline;

        private Visit(SocketChannel channel, AddressBlock from) {
            this.channel = channel;
            this.from = from;
        }
    }

    /** Of how many connections it knows just now. */
    record Count(int strangers, int known, long turnedOut) {}

    Door(DoorLimits limits, LongSupplier nanos) {
        this.limits = limits;
        this.nanos = nanos;
    }

    /** Looks after deadlines from now on. */
    void start() {
        Thread.ofVirtual().name("door").start(new EndlessLoop("door", () -> {
            rest(LOOK_EVERY);
            look();
        }, () -> closing.getCount() == 0, this::rest));
    }

    private boolean rest(Duration atMost) throws InterruptedException {
        return closing.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** A connection that was just accepted. Others may be closed for it. */
    void enter(SocketChannel channel) throws IOException {
        InetSocketAddress peer = (InetSocketAddress) channel.getRemoteAddress();
        Visit visit = new Visit(channel, AddressBlock.of(peer.getAddress()));
        visit.deadline = after(limits.head());
        locked(() -> {
            forgetClosed();
            makeRoom(other -> other.from.equals(visit.from), limits.strangersPerAddress());
            makeRoom(other -> true, limits.strangers());
            visits.put(peer, visit);
        });
    }

    /** The first line of a request has come. */
    void begins(SocketAddress peer) {
        on(peer, visit -> visit.deadline = after(limits.head()));
    }

    /** The whole head of a request has come, and its body is next. */
    void headEnds(SocketAddress peer) {
        on(peer, visit -> visit.deadline = after(limits.body()));
    }

    /** All of a request has come, and it is the vault's turn. */
    void answers(SocketAddress peer) {
        on(peer, visit -> visit.deadline = after(limits.more().answer()));
    }

    /** The answer is out. */
    void idles(SocketAddress peer) {
        on(peer, visit -> visit.deadline = after(limits.more().idle()));
    }

    /** The peer has shown a good certificate or token: it is no stranger any more, while there is room for that. */
    void knows(SocketAddress peer) {
        on(peer, visit -> {
            if (!visit.known && known < limits.known()) {
                visit.known = true;
                known++;
            }
        });
    }

    Count count() {
        lock.lock();
        try {
            forgetClosed();
            return new Count(visits.size() - known, known, turnedOut);
        } finally {
            lock.unlock();
        }
    }

    /** Closes whatever is past its deadline. */
    void look() {
        locked(() -> {
            forgetClosed();
            long now = nanos.getAsLong();
            List.copyOf(visits.entrySet()).stream()
                    .filter(entry -> now - entry.getValue().deadline > 0)
                    .forEach(entry -> turnOut(entry.getKey(), entry.getValue()));
        });
    }

    @Override
    public void close() {
        closing.countDown();
    }

    private void makeRoom(Predicate<Visit> among, int atMost) {
        List<Map.Entry<SocketAddress, Visit>> strangers = visits.entrySet().stream()
                .filter(entry -> !entry.getValue().known && among.test(entry.getValue())).toList();
        strangers.stream().limit(Math.max(0, strangers.size() - atMost + 1))
                .forEach(oldest -> turnOut(oldest.getKey(), oldest.getValue()));
    }

    private void turnOut(SocketAddress peer, Visit visit) {
        turnedOut++;
        visits.remove(peer);
        forget(visit);
        try {
            visit.channel.close();
        } catch (IOException e) {
            LOG.debug("connection did not close peer={} reason=\"{}\"", peer, e.getMessage());
        }
    }

    private void forgetClosed() {
        visits.values().removeIf(visit -> {
            boolean closed = !visit.channel.isOpen();
            if (closed) {
                forget(visit);
            }
            return closed;
        });
    }

    private void forget(Visit visit) {
        if (visit.known) {
            visit.known = false;
            known--;
        }
    }

    private void on(SocketAddress peer, Consumer<Visit> change) {
        locked(() -> Optional.ofNullable(visits.get(peer)).ifPresent(change));
    }

    private void locked(Runnable work) {
        lock.lock();
        try {
            work.run();
        } finally {
            lock.unlock();
        }
    }

    private long after(Duration time) {
        return nanos.getAsLong() + time.toNanos();
    }
}
