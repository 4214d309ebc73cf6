package org.understudy.vault.fleet;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.command.AgentEndpoint;
import org.understudy.command.AgentReport;
import org.understudy.command.ToldRole;
import org.understudy.vault.http.AuditTrail;
import org.understudy.workflow.sql.Database;
import org.understudy.workflow.sql.DatabaseException;

/**
 * Where reports go: ends of commands to the queue, refusals to the audit, how things stand to whom it concerns, that in
 * one transaction a request. A report that breaks its listener is logged and dropped, and taken apart from the others
 * for it: kept, it would come again for ever and hold up those behind it.
 */
public final class ReportDesk {
    private static final Logger LOG = LoggerFactory.getLogger(ReportDesk.class);

    private final Database database;
    private final HostStore hosts;
    private final CommandQueue commands;
    private final RefusalsOfHosts refusals;
    private final List<ReportListener> listeners;
    private final Clock clock;

    public ReportDesk(Database database, HostStore hosts, CommandQueue commands, AuditTrail audit,
            List<ReportListener> listeners, Clock clock) {
        this.database = database;
        this.hosts = hosts;
        this.commands = commands;
        this.refusals = new RefusalsOfHosts(audit, System::nanoTime);
        this.listeners = List.copyOf(listeners);
        this.clock = clock;
    }

    /**
     * Takes a request. Durable when it returns; throws only when the database is away, and then the agent tells it
     * again.
     *
     * @param late whether a request that was made after it was taken before: then only what ended or was refused counts
     */
    AgentEndpoint.Taken take(Host host, List<AgentReport> reports, boolean late) {
        List<AgentReport> standing = new ArrayList<>();
        for (AgentReport report : reports) {
            switch (report) {
                case AgentReport.CommandEnded ended -> commands.end(host.id(), ended.id(), ended.outcome());
                case AgentReport.Refused refused -> refusals.refused(host, refused);
                case AgentReport.HostFacts facts -> hosts.found(host.id(), facts);
                case AgentReport.Unknown(String kind) ->
                        LOG.warn("report was not understood and skipped host={} kind={}", host.name(), kind);
                case AgentReport.Heartbeat _, AgentReport.Inventory _, AgentReport.Roles _,
                        AgentReport.ItemProgress _ -> standing.add(report);
            }
        }
        if (late || standing.isEmpty()) {
            return new AgentEndpoint.Taken(false);
        }
        try {
            return database.transact(() -> tell(host, standing));
        } catch (RuntimeException e) {
            requireMeant(e);
            return apart(host, standing);
        }
    }

    private AgentEndpoint.Taken tell(Host host, List<AgentReport> reports) {
        boolean wanted = false;
        AgentEndpoint.Taken said = new AgentEndpoint.Taken(false);
        List<AgentReport.SourceProgress> sources = new ArrayList<>();
        List<AgentReport.TargetProgress> targets = new ArrayList<>();
        for (AgentReport report : reports) {
            switch (report) {
                case AgentReport.Heartbeat heartbeat -> {
                    commands.signs().hear(host.id(), heartbeat);
                    commands.areAlive(host.id(), heartbeat.running());
                    hosts.runs(host.id(), heartbeat.version());
                    wanted |= heartbeat.inventory().filter(digest ->
                            !hosts.stillHas(host.id(), digest, clock.instant())).isPresent();
                }
                case AgentReport.Inventory inventory -> {
                    listeners.forEach(listener -> listener.inventory(host, inventory));
                    hosts.has(host.id(), inventory.digest(), clock.instant());
                }
                case AgentReport.Roles held -> {
                    for (ReportListener listener : listeners) {
                        said = joined(said, listener.roles(host, held));
                    }
                }
                case AgentReport.SourceProgress source -> sources.add(source);
                case AgentReport.TargetProgress target -> targets.add(target);
                case AgentReport.CommandEnded _, AgentReport.Refused _, AgentReport.HostFacts _,
                        AgentReport.Unknown _ -> { }
            }
        }
        if (!sources.isEmpty() || !targets.isEmpty()) {
            listeners.forEach(listener -> listener.progress(host, sources, targets));
        }
        return joined(said, new AgentEndpoint.Taken(wanted));
    }

    private AgentEndpoint.Taken apart(Host host, List<AgentReport> reports) {
        AgentEndpoint.Taken said = new AgentEndpoint.Taken(false);
        for (AgentReport report : reports) {
            try {
                AgentEndpoint.Taken taken = database.transact(() -> tell(host, List.of(report)));
                said = joined(said, taken);
            } catch (RuntimeException e) {
                requireMeant(e);
                LOG.error("report was dropped host={} report={}", host.name(), report.getClass().getSimpleName(), e);
            }
        }
        return said;
    }

    private static AgentEndpoint.Taken joined(AgentEndpoint.Taken one, AgentEndpoint.Taken other) {
        List<ToldRole> roles = new ArrayList<>(one.roles());
        roles.addAll(other.roles());
        return new AgentEndpoint.Taken(one.inventory() || other.inventory(), roles,
                other.attachments().or(one::attachments));
    }

    /** The same may succeed when the database is back: then it is no fault of the report. */
    private static void requireMeant(RuntimeException e) {
        if (e instanceof DatabaseException away && away.mayPass()) {
            throw away;
        }
    }
}
