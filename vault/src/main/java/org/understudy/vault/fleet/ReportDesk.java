package org.understudy.vault.fleet;

import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.command.AgentReport;
import org.understudy.vault.http.AuditTrail;
import org.understudy.workflow.sql.Database;
import org.understudy.workflow.sql.DatabaseException;

/**
 * Where a report goes: ends of commands to the queue, refusals to the audit, the rest to whom it concerns. A report
 * that breaks its listener is logged and dropped: kept, it would come again for ever and hold up those behind it.
 */
public final class ReportDesk {
    private static final Logger LOG = LoggerFactory.getLogger(ReportDesk.class);

    private final Database database;
    private final HostStore hosts;
    private final CommandQueue commands;
    private final AuditTrail audit;
    private final List<ReportListener> listeners;

    public ReportDesk(Database database, HostStore hosts, CommandQueue commands, AuditTrail audit,
            List<ReportListener> listeners) {
        this.database = database;
        this.hosts = hosts;
        this.commands = commands;
        this.audit = audit;
        this.listeners = List.copyOf(listeners);
    }

    /** Durable when it returns; throws only when the database is away, and then the agent tells it again. */
    void take(Host host, AgentReport report) {
        switch (report) {
            case AgentReport.Heartbeat heartbeat -> {
                commands.areAlive(heartbeat.running());
                hosts.runs(host.id(), heartbeat.version());
            }
            case AgentReport.CommandEnded ended -> commands.end(host.id(), ended.id(), ended.outcome());
            case AgentReport.Refused refused -> audit.record(new AuditTrail.Entry("host " + host.name(),
                    "Refuse peer", Optional.of(refused.peer()), refused.failure().code().name(),
                    Optional.of(refused.failure().message())));
            case AgentReport.Inventory inventory -> tell(host, inventory, ReportListener::inventory);
            case AgentReport.SourceProgress source -> tell(host, source, ReportListener::source);
            case AgentReport.TargetProgress target -> tell(host, target, ReportListener::target);
            case AgentReport.HostFacts facts -> hosts.found(host.id(), facts);
            case AgentReport.Unknown(String kind) ->
                    LOG.warn("report was not understood and skipped host={} kind={}", host.name(), kind);
        }
    }

    private interface Telling<R> {
        void tell(ReportListener listener, Host host, R report);
    }

    private <R extends AgentReport> void tell(Host host, R report, Telling<R> telling) {
        for (ReportListener listener : listeners) {
            try {
                database.transact(() -> telling.tell(listener, host, report));
            } catch (RuntimeException e) {
                if (e instanceof DatabaseException away && away.mayPass()) {
                    throw away;
                }
                LOG.error("report was dropped host={} report={}", host.name(), report.getClass().getSimpleName(), e);
            }
        }
    }
}
