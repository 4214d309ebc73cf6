package org.understudy.vault.fleet;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.understudy.model.HostId;

/**
 * How much of what a host tells is written down: {@value #KEPT} a minute of each, more of them counted in the next that
 * is kept. A host that tells more does not decide how much is written. Measured by a clock that only goes forward. Safe
 * for many threads.
 */
public final class KeptPerMinute {
    static final int KEPT = 20;
    private static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();

    private final LongSupplier nanos;
    private final Map<HostId, Window> windows = new ConcurrentHashMap<>();

    /** A minute of one host; guarded by itself. */
    private static final class Window {
        private Optional<Long> began = Optional.empty();
        private int kept;
        private long untold;

        /** How many were left out before this one, if it is to be kept. */
        private synchronized Optional<Long> take(long now) {
            if (began.isEmpty() || now - began.get() >= MINUTE_NANOS) {
                began = Optional.of(now);
                kept = 0;
            }
            if (kept >= KEPT) {
                untold++;
                return Optional.empty();
            }
            kept++;
            long before = untold;
            untold = 0;
            return Optional.of(before);
        }
    }

    /** @param nanos a clock that only goes forward */
    public KeptPerMinute(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** The words to keep, which say how many were left out before; empty when these are left out. */
    public Optional<String> keep(HostId host, String words) {
        return windows.computeIfAbsent(host, _ -> new Window()).take(nanos.getAsLong()).map(before -> before == 0
                ? words : "(and " + before + " more before it that are not kept) " + words);
    }
}
