package org.understudy.vault.feature;

import java.time.Clock;
import java.util.List;
import org.understudy.vault.failover.FailoverRequests;
import org.understudy.vault.failover.FailoverResource;
import org.understudy.vault.fleet.CommandQueue;
import org.understudy.vault.fleet.HostStore;
import org.understudy.vault.fleet.ReportListener;
import org.understudy.vault.http.Resource;
import org.understudy.vault.inventory.CloudResource;
import org.understudy.vault.inventory.HostResource;
import org.understudy.vault.inventory.MachineResource;
import org.understudy.vault.inventory.SiteResource;
import org.understudy.vault.job.Agents;
import org.understudy.vault.job.ItemJobs;
import org.understudy.vault.job.ItemSteps;
import org.understudy.vault.job.JobResource;
import org.understudy.vault.job.Stores;
import org.understudy.vault.network.NetworkResource;
import org.understudy.vault.policy.CloudPairResource;
import org.understudy.vault.policy.PolicyResource;
import org.understudy.vault.protection.ItemResource;
import org.understudy.vault.protection.ItemViews;
import org.understudy.vault.protection.ProtectionRequests;
import org.understudy.vault.protection.ReportKeeper;
import org.understudy.workflow.JobType;
import org.understudy.workflow.Jobs;

/**
 * All features, wired.
 *
 * @param resources their REST interfaces
 * @param jobTypes what the job runner must know
 * @param reports what listens to agents' reports
 */
public record Features(List<Resource> resources, List<JobType> jobTypes, ReportListener reports) {
    public Features {
        resources = List.copyOf(resources);
        jobTypes = List.copyOf(jobTypes);
    }

    /** Wires them; nothing is started by it. */
    public static Features wired(Stores stores, HostStore hosts, CommandQueue commands, Jobs jobs, Clock clock) {
        Agents agents = new Agents(hosts, commands, clock);
        ItemSteps steps = new ItemSteps(stores, agents, clock);
        ProtectionRequests protection = new ProtectionRequests(steps, jobs);
        FailoverRequests failover = new FailoverRequests(steps, protection, jobs);
        ItemJobs types = ItemJobs.wired(steps, protection, failover, jobs);
        List<Resource> resources = List.of(
                new OpenApiResource(),
                new SiteResource(stores.sites(), agents),
                new HostResource(stores, agents),
                new CloudResource(stores, agents),
                new PolicyResource(stores.policies()),
                new CloudPairResource(stores.pairs(), stores.clouds(), stores.policies()),
                new NetworkResource(stores, agents),
                new MachineResource(stores, agents),
                new ItemResource(stores, new ItemViews(steps, jobs), protection, types),
                new FailoverResource(stores, failover, types),
                new JobResource(jobs));
        return new Features(resources, types.all(), new ReportKeeper(steps, jobs, types));
    }
}
