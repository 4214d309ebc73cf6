package org.understudy.vault.main;

import java.time.Clock;
import org.understudy.vault.audit.AuditStore;
import org.understudy.vault.fleet.CommandQueue;
import org.understudy.vault.fleet.HostStore;
import org.understudy.workflow.Jobs;
import org.understudy.workflow.sql.Database;

/** What every feature stands on. */
public record Core(
        Database database, Jobs jobs, HostStore hosts, CommandQueue commands, AuditStore audit, Clock clock) {}
