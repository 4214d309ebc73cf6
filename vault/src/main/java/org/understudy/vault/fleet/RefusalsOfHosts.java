package org.understudy.vault.fleet;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.understudy.command.AgentReport;
import org.understudy.model.HostId;
import org.understudy.vault.http.AuditTrail;

/**
 * What hosts say that they refused to others, on its way to the audit: {@value #KEPT_PER_MINUTE} a minute of each host,
 * more of them counted in the next that is kept. An agent tells a peer and reason once a minute; a host that tells more
 * does not decide how much is written. Measured by a clock that only goes forward. Safe for many threads.
 */
final class RefusalsOfHosts {
    static final int KEPT_PER_MINUTE = 20;
    private static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();

    private final AuditTrail audit;
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
            if (kept >= KEPT_PER_MINUTE) {
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
    RefusalsOfHosts(AuditTrail audit, LongSupplier nanos) {
        this.audit = audit;
        this.nanos = nanos;
    }

    void refused(Host host, AgentReport.Refused refused) {
        Window window = windows.computeIfAbsent(host.id(), first -> new Window());
        window.take(nanos.getAsLong()).ifPresent(before -> audit.record(new AuditTrail.Entry("host " + host.name(),
                "Refuse peer", Optional.of(refused.peer()), refused.failure().code().name(),
                Optional.of(before == 0 ? refused.failure().message() : "(and " + before + " more before it that are"
                        + " not kept) " + refused.failure().message()))));
    }
}
