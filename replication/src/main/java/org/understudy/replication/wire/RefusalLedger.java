package org.understudy.replication.wire;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;

/**
 * Counts those who were turned away and tells the listener of them; and counts the connections that broke off by
 * themselves, of which the log alone is told. Each peer and reason is told once a minute at most.
 */
final class RefusalLedger {
    private static final Logger LOGGER = LoggerFactory.getLogger(RefusalLedger.class);
    private static final long QUIET_NANOS = Duration.ofMinutes(1).toNanos();
    private static final int PEERS_MAX = 1024;

    private final RefusalListener listener;
    private final LongSupplier nanos;
    private final Lock lock = new ReentrantLock();
    private long count;
    private long brokenOffCount;
    private final Map<PeerReason, Told> told = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<PeerReason, Told> eldest) {
            return size() > PEERS_MAX;
        }
    };

    /** Without a code: it broke off. */
    private record PeerReason(String peer, Optional<FailureCode> code) {}

    private record Told(long at, long sinceThen) {}

    RefusalLedger(RefusalListener listener, LongSupplier nanos) {
        this.listener = listener;
        this.nanos = nanos;
    }

    long count() {
        return locked(() -> count);
    }

    long brokenOffCount() {
        return locked(() -> brokenOffCount);
    }

    /** The connection ended within its opening, and not because of who the peer is. */
    void brokenOff(String peer, String why) {
        locked(() -> {
            brokenOffCount++;
            return entered(new PeerReason(peer, Optional.empty()));
        }).ifPresent(silent -> LOGGER.info(
                "peer=\"{}\" connection ended before a session was open because=\"{}\" untold={}", peer, why, silent));
    }

    void refused(String peer, Failure failure) {
        locked(() -> {
            count++;
            return entered(new PeerReason(peer, Optional.of(failure.code())));
        }).ifPresent(silent -> {
            String message = silent == 0 ? failure.message()
                    : failure.message() + " (and " + silent + " times more since it was last told)";
            LOGGER.warn("peer=\"{}\" was refused code={} message=\"{}\"", peer, failure.code(), message);
            listener.onRefused(
                    peer, new Failure(failure.code(), message, failure.recommendedAction(), failure.at()));
        });
    }

    /** How many were not told before this one, when it is to be told. */
    private Optional<Long> entered(PeerReason key) {
        Told before = told.get(key);
        long now = nanos.getAsLong();
        if (before != null && now - before.at() < QUIET_NANOS) {
            told.put(key, new Told(before.at(), before.sinceThen() + 1));
            return Optional.empty();
        }
        told.put(key, new Told(now, 0));
        return Optional.of(before == null ? 0L : before.sinceThen());
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
