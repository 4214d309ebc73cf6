package org.understudy.vault.http;

import java.net.InetAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.model.AddressBlock;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.PlainText;

/**
 * What was refused to those who have no certificate and no token of this vault. It is counted, and told to log and
 * audit once a minute at most for each address and reason and {@value #TOLD_PER_MINUTE} times in all, each in a line: a
 * stranger does not decide how much is written. Who fails too often waits. Safe for many threads.
 */
final class Strangers {
    private static final Logger LOG = LoggerFactory.getLogger(Strangers.class);
    private static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();
    private static final int TOLD_PER_MINUTE = 20;
    /** For each address, in a minute. A person who mistypes has more than enough. */
    private static final int FAILURES_MAX = 60;
    private static final int ADDRESSES_MAX = 4096;
    /** Characters of what is told of one. */
    private static final int TEXT_MAX = 200;

    private final AuditTrail audit;
    private final LongSupplier nanos;
    private final Lock lock = new ReentrantLock();
    private final Map<AddressBlock, Window> failures = bounded();
    private final Map<Reason, Told> told = bounded();
    private final Window tellings = new Window();
    private long count;

    private record Reason(AddressBlock from, String action, FailureCode code) {}

    private record Told(long at, long untold) {}

    /** How many there were in the running minute. */
    private static final class Window {
        private long began = Long.MIN_VALUE;
        private int count;

        private int count(long now) {
            if (began == Long.MIN_VALUE || now - began > MINUTE_NANOS) {
                began = now;
                count = 0;
            }
            return count;
        }

        private void add(long now) {
            count = count(now) + 1;
        }
    }

    Strangers(AuditTrail audit, LongSupplier nanos) {
        this.audit = audit;
        this.nanos = nanos;
    }

    /** How often a stranger was refused something since the start. */
    long count() {
        lock.lock();
        try {
            return count;
        } finally {
            lock.unlock();
        }
    }

    /** Refuses with BUSY who failed too often within the last minute. */
    void requirePatience(InetAddress from) {
        AddressBlock block = AddressBlock.of(from);
        lock.lock();
        try {
            Window before = failures.get(block);
            if (before != null && before.count(nanos.getAsLong()) >= FAILURES_MAX) {
                throw FailureException.of(FailureCode.BUSY, "Too many requests from " + block
                        + " were refused within a minute; this one was not looked at.");
            }
        } finally {
            lock.unlock();
        }
    }

    /** Something was refused to a stranger. Throws nothing: what cannot be audited is in the log. */
    void refused(InetAddress from, String action, Failure failure) {
        AddressBlock block = AddressBlock.of(from);
        untoldBefore(new Reason(block, action, failure.code())).ifPresent(untold -> {
            String more = untold == 0 ? "" : " (and " + untold + " times more since it was last told)";
            LOG.warn("stranger was refused from={} action=\"{}\" code={} reason=\"{}\"{}", block, action,
                    failure.code(), PlainText.of(failure.message(), TEXT_MAX), more);
            try {
                audit.record(new AuditTrail.Entry(block.name(), action, Optional.empty(), failure.code().name(),
                        Optional.of(PlainText.of(failure.message(), TEXT_MAX) + more)));
            } catch (RuntimeException e) {
                LOG.warn("refusal of a stranger could not be audited reason=\"{}\"", e.getMessage());
            }
        });
    }

    /** How many were not told before this one, when it is to be told. */
    private Optional<Long> untoldBefore(Reason reason) {
        lock.lock();
        try {
            long now = nanos.getAsLong();
            count++;
            failures.computeIfAbsent(reason.from(), unheard -> new Window()).add(now);
            Told before = told.get(reason);
            boolean quiet = before != null && now - before.at() < MINUTE_NANOS;
            if (quiet || tellings.count(now) >= TOLD_PER_MINUTE) {
                told.put(reason, before == null ? new Told(now - MINUTE_NANOS, 1)
                        : new Told(before.at(), before.untold() + 1));
                return Optional.empty();
            }
            tellings.add(now);
            told.put(reason, new Told(now, 0));
            return Optional.of(before == null ? 0L : before.untold());
        } finally {
            lock.unlock();
        }
    }

    private static <K, V> Map<K, V> bounded() {
        return new LinkedHashMap<>() {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > ADDRESSES_MAX;
            }
        };
    }
}
