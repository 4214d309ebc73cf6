package org.understudy.vault.feature;

import java.time.Clock;
import java.util.List;
import java.util.stream.Stream;
import org.understudy.vault.failover.FailoverChecks;
import org.understudy.vault.failover.FailoverOperations;
import org.understudy.vault.failover.ReverseChecks;
import org.understudy.vault.failover.ReverseReplicateJob;
import org.understudy.vault.failover.OverdueTests;
import org.understudy.vault.failover.RolesKeeper;
import org.understudy.vault.fleet.Agents;
import org.understudy.vault.fleet.CommandQueue;
import org.understudy.vault.fleet.HostStore;
import org.understudy.vault.fleet.ReportListener;
import org.understudy.vault.http.AuditTrail;
import org.understudy.vault.http.Resource;
import org.understudy.vault.inventory.CloudResource;
import org.understudy.vault.inventory.CloudStore;
import org.understudy.vault.inventory.HostResource;
import org.understudy.vault.inventory.InventoryStore;
import org.understudy.vault.inventory.SiteResource;
import org.understudy.vault.inventory.SiteStore;
import org.understudy.vault.item.Attachments;
import org.understudy.vault.item.HeldRoleStore;
import org.understudy.vault.item.ItemActivity;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.JobSense;
import org.understudy.vault.item.KeptPoints;
import org.understudy.vault.item.ProgressStore;
import org.understudy.vault.item.ProtectedItemStore;
import org.understudy.vault.item.Relationships;
import org.understudy.vault.item.TestFailoverStore;
import org.understudy.vault.job.JobResource;
import org.understudy.vault.network.NetworkMappingStore;
import org.understudy.vault.network.NetworkResource;
import org.understudy.vault.operation.ItemOperation;
import org.understudy.vault.operation.OperationDesk;
import org.understudy.vault.operation.OperationResource;
import org.understudy.vault.policy.CloudPairResource;
import org.understudy.vault.policy.CloudPairStore;
import org.understudy.vault.policy.PolicyResource;
import org.understudy.vault.policy.PolicyStore;
import org.understudy.vault.protection.HoldingResource;
import org.understudy.vault.protection.Holdings;
import org.understudy.vault.protection.ItemResource;
import org.understudy.vault.protection.ItemViews;
import org.understudy.vault.protection.MachineResource;
import org.understudy.vault.protection.ProtectionJobs;
import org.understudy.vault.protection.ProtectionPlanning;
import org.understudy.vault.protection.ProtectionRequests;
import org.understudy.vault.protection.ReportKeeper;
import org.understudy.vault.protection.TargetCandidates;
import org.understudy.workflow.JobType;
import org.understudy.workflow.Jobs;
import org.understudy.workflow.sql.Database;

/**
 * All features, wired.
 *
 * @param resources their REST interfaces
 * @param operations what may be asked of protected items
 * @param jobTypes what the job runner must know
 * @param reports what listens to agents' reports
 * @param overdue ends what is open for too long; to be run now and then
 */
public record Features(List<Resource> resources, List<ItemOperation<?, ?>> operations, List<JobType> jobTypes,
        List<ReportListener> reports, Runnable overdue) {
    public Features {
        resources = List.copyOf(resources);
        operations = List.copyOf(operations);
        jobTypes = List.copyOf(jobTypes);
        reports = List.copyOf(reports);
    }

    /** Wires all of them; the tables are told apart by the classes over them, the database is one. */
    public static Features wired(Database database, HostStore hosts, CommandQueue commands, Jobs jobs,
            AuditTrail audit, Clock clock) {
        var agents = new Agents(hosts, commands, clock);
        var sites = new SiteStore(database);
        var clouds = new CloudStore(database);
        var inventory = new InventoryStore(database);
        var policies = new PolicyStore(database);
        var pairs = new CloudPairStore(database);
        var mappings = new NetworkMappingStore(database);
        var items = new ProtectedItemStore(database);
        var progress = new ProgressStore(database);
        var tests = new TestFailoverStore(database);

        var steps = new ItemSteps(database, items, agents, clock);
        var relationships = new Relationships(pairs, policies, agents);
        var attachments = new Attachments(sites, mappings, inventory);
        var activity = new ItemActivity(tests, jobs);
        var sense = new JobSense(items, tests);
        var planning = new ProtectionPlanning(agents, inventory, clouds, pairs, items,
                new TargetCandidates(agents, inventory, items, attachments));
        var protection = ProtectionJobs.wired(steps, planning, relationships, progress, attachments);
        var checks = new FailoverChecks(steps, inventory, progress, attachments);
        List<ItemOperation<?, ?>> operations = Stream.concat(
                FailoverOperations.wired(steps, checks, attachments, tests, jobs,
                        new ReverseReplicateJob(steps, new ReverseChecks(
                                steps, checks, relationships, clouds, inventory, attachments),
                                relationships, inventory)).stream(),
                ProtectionJobs.operations(steps, relationships, new KeptPoints(steps, progress)).stream()).toList();

        List<Resource> resources = List.of(
                new OpenApiResource(),
                new SiteResource(sites, agents),
                new HostResource(database, sites, clouds, agents, items::namesOn),
                new HoldingResource(agents, new Holdings(steps, jobs, protection.removeHolding())),
                new CloudResource(database, clouds, sites, agents),
                new PolicyResource(policies),
                new CloudPairResource(pairs, clouds, policies),
                new NetworkResource(sites, inventory, mappings, agents),
                new MachineResource(planning, agents, sites, inventory, items, tests),
                new ItemResource(items, agents, tests, progress,
                        new ItemViews(steps, activity, relationships, attachments, progress, inventory),
                        new ProtectionRequests(steps, planning, jobs, protection)),
                new OperationResource(items, new OperationDesk(steps, activity, jobs), operations),
                new JobResource(jobs, Stream.concat(ProtectionJobs.rules(sense).stream(),
                        operations.stream().map(operation -> operation.rule(sense))).toList()));
        return new Features(resources, operations,
                Stream.concat(protection.all().stream(),
                        operations.stream().<JobType>map(ItemOperation::job)).toList(),
                List.of(new RolesKeeper(steps, new HeldRoleStore(database), attachments, jobs, audit),
                        new ReportKeeper(steps, relationships, inventory, progress, jobs, protection)),
                new OverdueTests(steps, tests, jobs)::end);
    }
}
