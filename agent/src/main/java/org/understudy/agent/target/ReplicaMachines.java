package org.understudy.agent.target;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.command.AgentCommand.AdapterAttachment;
import org.understudy.command.AgentCommand.FailOver;
import org.understudy.command.AgentCommand.StartTestFailover;
import org.understudy.command.CommandOutcome;
import org.understudy.command.PointChoice;
import org.understudy.command.TestNetwork;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.ItemId;
import org.understudy.model.RecoveryPoint;
import org.understudy.model.VmId;
import org.understudy.replica.Branch;
import org.understudy.replica.Replica;
import org.understudy.replica.ReplicaCatalog;

/**
 * Starts VMs from replicas and removes them again: test failover, failover, commit.
 *
 * <p>Every method is idempotent: asked again after a crash it finds what is there already and does the rest. A VM is
 * only started from a branch; the replica's own disks are never opened by a VM. Called by one thread an item.
 */
public final class ReplicaMachines {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaMachines.class);
    private static final String TEST_BRANCH = "test";
    private static final String FAILOVER_BRANCH = "failover";

    private final ReplicaCatalog replicas;
    private final Hypervisor hypervisor;
    private final Clock clock;

    public ReplicaMachines(ReplicaCatalog replicas, Hypervisor hypervisor, Clock clock) {
        this.replicas = replicas;
        this.hypervisor = hypervisor;
        this.clock = clock;
    }

    /** Starts a test VM (TF-02). The replica and its source go on as if nothing were. */
    public CommandOutcome startTest(StartTestFailover asked) throws IOException {
        Replica replica = replica(asked.item());
        if (replica.fenced()) {
            throw FailureException.of(FailureCode.REPLICA_FENCED, "VM " + replica.spec().vmName()
                    + " has failed over: a test is of a replica, and this one is the VM's own now.");
        }
        Branch branch = branch(replica, TEST_BRANCH, Branch.Purpose.TEST, asked.point());
        String network = isolatedName(asked.item());
        MachineDefinition definition = definition(replica, branch)
                .withId(testId(asked.item()))
                .withName(asked.testName());
        definition = switch (asked.network()) {
            case TestNetwork.None _ -> onNetwork(definition, Optional.empty());
            case TestNetwork.Existing existing -> onNetwork(definition, Optional.of(existing.network()));
            case TestNetwork.CreateIsolated _ -> {
                hypervisor.createIsolatedNetwork(network);
                yield onNetwork(definition, Optional.of(network));
            }
        };
        hypervisor.define(hypervisor.adapted(definition.forItem(asked.item())));
        hypervisor.start(testId(asked.item()));
        LOG.info("test failover started item={} vm={} point={}", asked.item(), asked.testName(),
                branch.point().position());
        return new CommandOutcome.MachineStarted(asked.testName(), branch.point(), clock.instant());
    }

    /** Removes the test VM, its disks and its network; what is gone already is fine (TF-13). */
    public CommandOutcome cleanUpTest(ItemId item) throws IOException {
        VmId test = testId(item);
        hypervisor.destroy(test);
        hypervisor.undefine(test);
        hypervisor.removeIsolatedNetwork(isolatedName(item));
        replica(item).removeBranch(TEST_BRANCH);
        LOG.info("test failover cleaned up item={}", item);
        return new CommandOutcome.Done();
    }

    /** Fences the replica if nobody has, and starts the VM under its own name and identity (UF-03). */
    public CommandOutcome failOver(FailOver asked) throws IOException {
        Replica replica = replica(asked.item());
        replica.fence();
        Branch branch = branch(replica, FAILOVER_BRANCH, Branch.Purpose.FAILOVER, asked.point());
        MachineDefinition definition = definition(replica, branch);
        for (AdapterAttachment adapter : asked.adapters()) {
            definition = definition.withAdapter(adapter.adapter(), adapter.network(), adapter.subnet());
        }
        hypervisor.define(hypervisor.adapted(definition.forItem(asked.item())));
        hypervisor.start(replica.spec().vm());
        LOG.info("failover started item={} vm={} point={}", asked.item(), replica.spec().vmName(),
                branch.point().position());
        return new CommandOutcome.MachineStarted(replica.spec().vmName(), branch.point(), clock.instant());
    }

    public CommandOutcome fence(ItemId item) throws IOException {
        replica(item).fence();
        return new CommandOutcome.Done();
    }

    /**
     * Takes the item's segments again after a failover that stopped before it defined the VM here. One that defined it
     * may have run it: then what it wrote is nowhere else.
     */
    public CommandOutcome release(ItemId item) throws IOException {
        Replica replica = replica(item);
        if (hypervisor.machine(replica.spec().vm()).isPresent()) {
            throw FailureException.of(FailureCode.STATE_FORBIDS, "VM " + replica.spec().vmName()
                    + " is defined on this host by the failover and may have run.",
                    "Fail over again, or disable protection and keep the VM that is wanted.");
        }
        replica.removeBranch(FAILOVER_BRANCH);
        replica.unfence();
        return new CommandOutcome.Done();
    }

    /** Keeps the VM for good; the points go (CM-01, RP-08). */
    public CommandOutcome commit(ItemId item) throws IOException {
        replica(item).commit();
        return new CommandOutcome.Done();
    }

    private Branch branch(Replica replica, String name, Branch.Purpose purpose, PointChoice choice)
            throws IOException {
        for (Branch branch : replica.branches()) {
            if (branch.name().equals(name)) {
                return branch;
            }
        }
        if (choice instanceof PointChoice.Latest) {
            replica.applyPending();
        }
        RecoveryPoint point = switch (choice) {
            case PointChoice.Latest _ -> replica.points().latest();
            case PointChoice.LatestProcessed _ -> replica.points().latestProcessed();
            case PointChoice.LatestApplicationConsistent _ -> replica.points().latestApplicationConsistent();
            case PointChoice.Custom custom -> replica.points().custom(custom.position());
        };
        return replica.branch(point.position(), name, purpose);
    }

    private static MachineDefinition definition(Replica replica, Branch branch) throws IOException {
        MachineDefinition definition = new MachineDefinition(replica.definition().orElseThrow(
                () -> FailureException.of(FailureCode.NO_RECOVERY_POINT, "The source has not yet told how VM "
                        + replica.spec().vmName() + " is defined.")))
                .withoutHostSpecifics()
                .withOnlyDisks(branch.disks().keySet());
        for (Map.Entry<DiskName, Path> disk : branch.disks().entrySet()) {
            definition = definition.withDisk(disk.getKey(), disk.getValue(), "qcow2");
        }
        return definition;
    }

    private static MachineDefinition onNetwork(MachineDefinition definition, Optional<String> network) {
        MachineDefinition changed = definition;
        for (int adapter = 0; adapter < definition.adapterCount(); adapter++) {
            changed = changed.withAdapter(adapter, network, Optional.empty());
        }
        return changed;
    }

    private Replica replica(ItemId item) {
        return replicas.find(item).orElseThrow(() -> FailureException.of(
                FailureCode.NOT_FOUND, "This host has no replica of item " + item + "."));
    }

    /** One test VM an item (TF-11), so its identity follows from the item's and survives every crash. */
    static VmId testId(ItemId item) {
        return new VmId(UUID.nameUUIDFromBytes(("understudy-test-" + item).getBytes(StandardCharsets.UTF_8)));
    }

    static String isolatedName(ItemId item) {
        return "understudy-test-" + item.toString().substring(0, 8);
    }
}
