package org.understudy.replication.wire;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;

/**
 * Which connections a server has: those being opened, bounded in all and by address so that noise from one machine does
 * not shut out the others, and the one of each item and source. Any thread may call it.
 */
final class ConnectionRegister {
    private static final int OPENING_PER_ADDRESS_MAX = 128;
    private static final long SUPERSEDE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final int connectionsMax;
    private final Lock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Set<WireChannel> open = new HashSet<>();
    private final Map<InetAddress, Integer> opening = new HashMap<>();
    private final Map<Line, WireChannel> lines = new HashMap<>();
    private int accepted;
    private boolean ending;

    /** What one connection is for. The source is in it, so that nobody can end another's connection. */
    record Line(ItemId item, HostId source) {}

    ConnectionRegister(int connectionsMax) {
        this.connectionsMax = connectionsMax;
    }

    /** Makes room for a connection from an address; false when there is none. */
    boolean admit(InetAddress address) {
        lock.lock();
        try {
            int before = opening.getOrDefault(address, 0);
            if (ending || accepted >= connectionsMax || before >= OPENING_PER_ADDRESS_MAX) {
                return false;
            }
            accepted++;
            opening.put(address, before + 1);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** The connection is open, or has ended before it was. */
    void opened(InetAddress address) {
        lock.lock();
        try {
            opening.computeIfPresent(address, (_, count) -> count == 1 ? null : count - 1);
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
    void ended() {
        lock.lock();
        try {
            accepted--;
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
                            "The session before this one for item " + line.item() + " has not ended yet.");
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
