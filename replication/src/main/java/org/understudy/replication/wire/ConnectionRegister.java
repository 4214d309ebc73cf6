package org.understudy.replication.wire;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.understudy.model.AddressBlock;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.RelationshipId;

/**
 * Which connections a server has. Those being opened are strangers and have a small pool, in all and by address (an
 * IPv6 network is one), in which the oldest makes room for the newest; those at addresses from which a session was open
 * go last. Established ones have a pool of their own, which no stranger can fill, and of each relationship and source
 * there is one. Any thread may call it.
 */
final class ConnectionRegister {
    static final int STRANGERS_MAX = 256;
    static final int STRANGERS_PER_ADDRESS_MAX = 32;
    private static final int ADDRESSES_MAX = 1024;
    private static final long SUPERSEDE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final int establishedMax;
    private final Lock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Set<WireChannel> open = new HashSet<>();
    /** Oldest first. */
    private final Set<Opening> strangers = new LinkedHashSet<>();
    private final Set<InetAddress> peers = new LinkedHashSet<>();
    private final Map<Line, WireChannel> lines = new HashMap<>();
    private int accepted;
    private int established;
    private boolean ending;

    /** What one connection is for. The source is in it, so that nobody can end another's connection. */
    record Line(RelationshipId relationship, HostId source) {}

    /** A connection that was accepted, until it ends. */
    static final class Opening {
        private final Closeable socket;
        private final InetAddress address;
        private final AddressBlock block;
        private boolean established;

        private Opening(Closeable socket, InetAddress address) {
            this.socket = socket;
            this.address = address;
            this.block = AddressBlock.of(address);
        }
    }

    ConnectionRegister(int establishedMax) {
        this.establishedMax = establishedMax;
    }

    /** Takes a connection in, for which others may have to go; empty when it is the one that has to. */
    Optional<Opening> admit(Closeable socket, InetAddress address) throws IOException {
        lock.lock();
        try {
            Opening opening = new Opening(socket, address);
            if (ending || !makeRoom(opening, other -> other.block.equals(opening.block), STRANGERS_PER_ADDRESS_MAX)
                    || !makeRoom(opening, other -> true, STRANGERS_MAX)) {
                return Optional.empty();
            }
            accepted++;
            strangers.add(opening);
            return Optional.of(opening);
        } finally {
            lock.unlock();
        }
    }

    private boolean makeRoom(Opening newest, Predicate<Opening> among, int atMost) throws IOException {
        List<Opening> others = strangers.stream().filter(among).toList();
        if (others.size() < atMost) {
            return true;
        }
        Optional<Opening> unknown = others.stream().filter(other -> !peers.contains(other.address)).findFirst();
        if (unknown.isEmpty() && !peers.contains(newest.address)) {
            return false;
        }
        Opening goes = unknown.orElse(others.getFirst());
        strangers.remove(goes);
        goes.socket.close();
        return true;
    }

    /** The peer has proved who it is and said what it wants; refuses with BUSY when too many have. */
    void established(Opening opening) {
        lock.lock();
        try {
            if (established >= establishedMax) {
                throw FailureException.of(FailureCode.BUSY, "The host has " + established
                        + " replications open, as many as it takes.");
            }
            established++;
            opening.established = true;
            strangers.remove(opening);
            peers.remove(opening.address);
            peers.add(opening.address);
            if (peers.size() > ADDRESSES_MAX) {
                peers.remove(peers.iterator().next());
            }
        } finally {
            lock.unlock();
        }
    }

    void add(WireChannel channel) {
        lock.lock();
        try {
            open.add(channel);
            if (ending) {
                channel.abort("the server is stopping");
            }
        } finally {
            lock.unlock();
        }
    }

    /** Gives the room back. */
    void ended(Opening opening) {
        lock.lock();
        try {
            accepted--;
            strangers.remove(opening);
            if (opening.established) {
                established--;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void remove(WireChannel channel) {
        lock.lock();
        try {
            open.remove(channel);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes the line for a channel: an older connection of the same source for the same item, half-open for all we
     * know, is ended first, and its session with the replica is over when this returns.
     */
    void take(Line line, WireChannel channel) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = SUPERSEDE_NANOS;
            while (lines.containsKey(line)) {
                lines.get(line).abort("a newer connection of the same source took its place");
                left = changed.awaitNanos(left);
                if (left <= 0) {
                    throw FailureException.of(FailureCode.TARGET_IO_FAILED,
                            "The session before this one for item " + line.relationship() + " has not ended yet.");
                }
            }
            lines.put(line, channel);
        } finally {
            lock.unlock();
        }
    }

    void release(Line line) {
        lock.lock();
        try {
            lines.remove(line);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Ends all connections and waits for their threads, within a few seconds; whether all ended. */
    boolean endAll() {
        lock.lock();
        try {
            ending = true;
            List.copyOf(open).forEach(channel -> channel.abort("the server is stopping"));
            long left = SUPERSEDE_NANOS;
            while (accepted > 0 && left > 0) {
                left = changed.awaitNanos(left);
            }
            return accepted == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }
}
