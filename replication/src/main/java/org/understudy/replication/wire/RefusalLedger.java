package org.understudy.replication.wire;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;

/** Counts those who were turned away and tells the listener of them, each peer and code once a minute at most. */
final class RefusalLedger {
    private static final Logger LOGGER = LoggerFactory.getLogger(RefusalLedger.class);
    private static final long QUIET_NANOS = Duration.ofMinutes(1).toNanos();
    private static final int PEERS_MAX = 1024;

    private final RefusalListener listener;
    private final LongSupplier nanos;
    private final Lock lock = new ReentrantLock();
    private long count;
    private final Map<PeerCode, Told> told = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<PeerCode, Told> eldest) {
            return size() > PEERS_MAX;
        }
    };

    private record PeerCode(String peer, FailureCode code) {}

    private record Told(long at, long sinceThen) {}

    RefusalLedger(RefusalListener listener, LongSupplier nanos) {
        this.listener = listener;
        this.nanos = nanos;
    }

    long count() {
        lock.lock();
        try {
            return count;
        } finally {
            lock.unlock();
        }
    }

    void refused(String peer, Failure failure) {
        entered(new PeerCode(peer, failure.code())).ifPresent(silent -> {
            String message = silent == 0 ? failure.message()
                    : failure.message() + " (and " + silent + " times more since it was last told)";
            LOGGER.warn("peer=\"{}\" was refused code={} message=\"{}\"", peer, failure.code(), message);
            listener.onRefused(
                    peer, new Failure(failure.code(), message, failure.recommendedAction(), failure.at()));
        });
    }

    /** How many were not told before this one, when it is to be told. */
    private Optional<Long> entered(PeerCode key) {
        lock.lock();
        try {
            count++;
            Told before = told.get(key);
            long now = nanos.getAsLong();
            if (before != null && now - before.at() < QUIET_NANOS) {
                told.put(key, new Told(before.at(), before.sinceThen() + 1));
                return Optional.empty();
            }
            told.put(key, new Told(now, 0));
            return Optional.of(before == null ? 0L : before.sinceThen());
        } finally {
            lock.unlock();
        }
    }
}
