package org.understudy.replication;

import java.time.Instant;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.understudy.model.ByteCount;
import org.understudy.model.LogPosition;

/**
 * What the two loops of one driver share and its report tells. Every change is told by the signal. The lock is never
 * held across anything that may block.
 */
final class DriverFacts {
    private final Pace.Signal signal;
    private final Lock lock = new ReentrantLock();
    /** When the cycles that are not acknowledged yet began; a handful at most. */
    private final SortedMap<Long, Instant> cycleBegan = new TreeMap<>();
    private Optional<SourceStanding> standing = Optional.empty();
    private Optional<Instant> lastAcknowledged = Optional.empty();
    private Optional<TargetEnd> session = Optional.empty();
    private ByteCount sentBefore = ByteCount.ZERO;
    private boolean nudged;

    DriverFacts(Pace.Signal signal) {
        this.signal = signal;
    }

    /** Remembers the source's answer for the report; tells nobody, since nothing happened. */
    SourceStanding note(SourceStanding now) {
        return locked(() -> {
            standing = Optional.of(now);
            return now;
        });
    }

    void captured(LogPosition position, Instant began, SourceStanding now) {
        locked(() -> cycleBegan.put(position.sequence(), began));
        note(now);
        signal.tell();
    }

    void acknowledged(LogPosition position, SourceStanding now) {
        locked(() -> {
            SortedMap<Long, Instant> held = cycleBegan.headMap(position.sequence() + 1);
            if (!held.isEmpty()) {
                lastAcknowledged = Optional.of(held.get(held.lastKey()));
                held.clear();
            }
            return position;
        });
        note(now);
        signal.tell();
    }

    /** The chain was taken back: the same numbers are given out again, and when their cycles began is not known. */
    void wentBack(SourceStanding now) {
        locked(() -> {
            cycleBegan.clear();
            return now;
        });
        note(now);
        signal.tell();
    }

    /** What the target holds is known further; once it is known as far as it will be, capturing goes on. */
    void compared(SourceStanding now) {
        note(now);
        if (now.wanted().isEmpty()) {
            signal.tell();
        }
    }

    void nudge() {
        locked(() -> nudged = true);
        signal.tell();
    }

    boolean nudged() {
        return locked(() -> nudged);
    }

    void clearNudge() {
        locked(() -> nudged = false);
    }

    void opened(TargetEnd target) {
        locked(() -> session = Optional.of(target));
    }

    Optional<TargetEnd> session() {
        return locked(() -> session);
    }

    /** Closes the session, if one is open, and keeps its count of bytes. */
    void closeSession() {
        session().ifPresent(target -> {
            target.close();
            locked(() -> {
                sentBefore = sentBefore.plus(target.sent());
                return session = Optional.empty();
            });
        });
    }

    Optional<SourceStanding> standing() {
        return locked(() -> standing);
    }

    Optional<Instant> lastAcknowledged() {
        return locked(() -> lastAcknowledged);
    }

    ByteCount sent() {
        return locked(() -> sentBefore.plus(session.map(TargetEnd::sent).orElse(ByteCount.ZERO)));
    }

    private <T> T locked(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }
}
