package org.understudy.vault.fleet;

import org.understudy.command.AgentReport;

/**
 * What a feature does with what agents report. Called in the order of the reports of one host, in a transaction of its
 * own for each; durable when the agent is told so. May be called again with the same report.
 */
public interface ReportListener {
    default void inventory(Host host, AgentReport.Inventory report) {}

    default void source(Host host, AgentReport.SourceProgress report) {}

    default void target(Host host, AgentReport.TargetProgress report) {}
}
