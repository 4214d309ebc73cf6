package org.understudy.agent;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.agent.source.SourceReplications;
import org.understudy.agent.target.Replicas;
import org.understudy.command.AgentReport;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VmId;

/** How everything on this host stands now, as reports: heartbeat, inventory, every item's progress. */
final class Picture implements Supplier<List<AgentReport>> {
    private static final Logger LOG = LoggerFactory.getLogger(Picture.class);

    private final Hypervisor hypervisor;
    private final SourceReplications sources;
    private final Replicas replicas;
    private final String version;
    private boolean hypervisorAway;

    Picture(Hypervisor hypervisor, SourceReplications sources, Replicas replicas, String version) {
        this.hypervisor = hypervisor;
        this.sources = sources;
        this.replicas = replicas;
        this.version = version;
    }

    @Override
    public List<AgentReport> get() {
        List<AgentReport> reports = new ArrayList<>();
        reports.add(new AgentReport.Heartbeat(version));
        addInventory(reports);
        reports.addAll(sources.reports());
        reports.addAll(replicas.reports());
        return reports;
    }

    private void addInventory(List<AgentReport> reports) {
        try {
            // A test VM is shown under its item, not as a VM to protect (decision 2 of the specification).
            Set<VmId> tests = replicas.testMachines();
            List<VirtualMachine> machines = hypervisor.machines().stream()
                    .filter(machine -> !tests.contains(machine.id()))
                    .toList();
            reports.add(new AgentReport.Inventory(machines, hypervisor.networks()));
            hypervisorIs(false, "");
        } catch (IOException e) {
            // Without an inventory the vault keeps the last one; the heartbeat still tells that the agent lives.
            hypervisorIs(true, e.getMessage());
        }
    }

    private void hypervisorIs(boolean away, String why) {
        if (away != hypervisorAway) {
            hypervisorAway = away;
            if (away) {
                LOG.warn("hypervisor went out of reach reason={}", why);
            } else {
                LOG.info("hypervisor is in reach again");
            }
        }
    }
}
