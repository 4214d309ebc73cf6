package org.understudy.vault.fleet;

import java.util.Optional;
import java.util.function.LongSupplier;
import org.understudy.command.AgentReport;
import org.understudy.vault.http.AuditTrail;

/**
 * What hosts say that they refused to others, on its way to the audit; not more than {@link KeptPerMinute}. An agent
 * tells a peer and reason once a minute. Safe for many threads.
 */
final class RefusalsOfHosts {
    private final AuditTrail audit;
    private final KeptPerMinute kept;

    /** @param nanos a clock that only goes forward */
    RefusalsOfHosts(AuditTrail audit, LongSupplier nanos) {
        this.audit = audit;
        this.kept = new KeptPerMinute(nanos);
    }

    void refused(Host host, AgentReport.Refused refused) {
        kept.keep(host.id(), refused.failure().message()).ifPresent(words -> audit.record(new AuditTrail.Entry(
                "host " + host.name(), "Refuse peer", Optional.of(refused.peer()), refused.failure().code().name(),
                Optional.of(words))));
    }
}
