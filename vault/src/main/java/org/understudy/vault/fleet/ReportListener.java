package org.understudy.vault.fleet;

import java.util.List;
import org.understudy.command.AgentEndpoint;
import org.understudy.command.AgentReport;

/**
 * What a feature does with what agents report. Called in the order of the requests of one host, within the transaction
 * of the request; durable when the agent is told so. May be called again with the same report.
 */
public interface ReportListener {
    default void inventory(Host host, AgentReport.Inventory report) {}

    /** Which roles VMs have at the host; answers those that are to be others, and what else it is to keep. */
    default AgentEndpoint.Taken roles(Host host, AgentReport.Roles report) {
        return new AgentEndpoint.Taken(false);
    }

    /** How items stand of which the host is the source, or the target; of one item at most once each. */
    default void progress(
            Host host, List<AgentReport.SourceProgress> sources, List<AgentReport.TargetProgress> targets) {}
}
