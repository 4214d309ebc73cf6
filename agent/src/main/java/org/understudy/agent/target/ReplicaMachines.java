package org.understudy.agent.target;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.agent.role.HostRoles;
import org.understudy.agent.vault.CommandProgress;
import org.understudy.command.AgentCommand.CheckMachine;
import org.understudy.command.AgentCommand.FailOver;
import org.understudy.command.AgentCommand.StartTestFailover;
import org.understudy.command.CommandOutcome;
import org.understudy.command.HeldRole.Deed;
import org.understudy.command.MachineRole;
import org.understudy.command.PointChoice;
import org.understudy.command.TestNetwork;
import org.understudy.hypervisor.CarriedMachine;
import org.understudy.hypervisor.FirmwareState;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.hypervisor.MachinePlan;
import org.understudy.hypervisor.MachineRequest;
import org.understudy.hypervisor.MachineRequest.Connections;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.Portability;
import org.understudy.model.RecoveryPoint;
import org.understudy.model.RelationshipId;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VmId;
import org.understudy.replica.Branch;
import org.understudy.replica.BranchPlace;
import org.understudy.replica.Replica;
import org.understudy.replica.ReplicaCatalog;
import org.understudy.replica.ReplicaReport;
import org.understudy.replica.StorageFit;

/**
 * Starts VMs from replicas and removes them again: test failover, failover, commit.
 *
 * <p>Every method is idempotent: asked again after a crash it finds what is there already and does the rest. A VM is
 * only started from a branch; the replica's own disks are never opened by a VM. Called by one thread an
 * item, whatever the generation.
 */
public final class ReplicaMachines {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaMachines.class);
    private static final String TEST_BRANCH = "test";
    private static final String FAILOVER_BRANCH = "failover";

    private final ReplicaCatalog replicas;
    private final Hypervisor hypervisor;
    private final TargetPlanner planner;
    private final HostRoles roles;
    private final ImageFolder images;
    private final HandOvers handOvers;
    private final AddressRetention addresses;
    private final Clock clock;

    public ReplicaMachines(ReplicaCatalog replicas, Hypervisor hypervisor, TargetPlanner planner, HostRoles roles,
            ImageFolder images, Clock clock) {
        this.replicas = replicas;
        this.hypervisor = hypervisor;
        this.planner = planner;
        this.roles = roles;
        this.images = images;
        this.handOvers = new HandOvers(replicas, hypervisor);
        this.addresses = new AddressRetention(hypervisor);
        this.clock = clock;
    }

    /** Starts a test VM (TF-02). The replica and its source go on as if nothing were. */
    public CommandOutcome startTest(StartTestFailover asked) throws IOException {
        Replica replica = replica(asked.relationship());
        if (replica.fenced()) {
            throw FailureException.of(FailureCode.REPLICA_FENCED, "VM " + replica.spec().vmName()
                    + " has failed over: a test is of a replica, and this one is the VM's own now.");
        }
        String network = isolatedName(asked.relationship());
        Connections connections = TargetPlanner.of(asked.network(), network);
        VmId test = testId(asked.relationship());
        CarriedMachine machine = TargetPlanner.machine(replica, point(replica, TEST_BRANCH, asked.point()).position());
        boolean isolated = asked.network() instanceof TestNetwork.CreateIsolated;
        // Looked at before anything is made; the network that is made for the test cannot be there yet.
        possible(replica, planner.plan(machine, new MachineRequest(replica.spec().item(), test, asked.testName(),
                UUID.randomUUID(), TargetPlanner.imagined(replica),
                isolated ? Connections.all(Optional.empty()) : connections)));
        if (isolated) {
            hypervisor.createIsolatedNetwork(network);
        }
        Branch branch = branch(replica, TEST_BRANCH, Branch.Purpose.TEST, asked.point(), BranchPlace.INSIDE);
        MachinePlan plan = possible(replica, planner.plan(machine, new MachineRequest(replica.spec().item(), test,
                asked.testName(), incarnation(replica.spec().item(), branch), branch.disks(), connections)));
        List<String> aside = start(replica, branch, plan, false);
        LOG.info("test failover started relationship={} vm={} point={}", asked.relationship(), asked.testName(),
                branch.point().position());
        List<String> differences = new ArrayList<>(List.of("The test VM has a name and a UUID of its own; what is "
                + "licensed or joined by the UUID may notice."));
        differences.addAll(plan.portability().warnings());
        differences.addAll(aside);
        return new CommandOutcome.MachineStarted(asked.testName(), branch.point(), clock.instant(), differences);
    }

    /** Removes the test VM, its disks and its network; what is gone already is fine (TF-13). */
    public CommandOutcome cleanUpTest(RelationshipId relationship) throws IOException {
        VmId test = testId(relationship);
        stop(test, Optional.of(relationship.item()));
        hypervisor.undefine(test, FirmwareState.GOES);
        hypervisor.firmware().remove(test);
        hypervisor.removeIsolatedNetwork(isolatedName(relationship));
        replica(relationship).removeBranch(TEST_BRANCH);
        LOG.info("test failover cleaned up relationship={}", relationship);
        return new CommandOutcome.Done();
    }

    /**
     * Plans the VM, then fences the replica if nobody has, and starts the VM under its own name and identity (UF-03).
     * Nothing that the plan can see fails after the fence.
     */
    public CommandOutcome failOver(FailOver asked) throws IOException {
        return failOver(asked, Optional.empty());
    }

    /** @param deed of whoever asked for it at this host, without the vault */
    public CommandOutcome failOver(FailOver asked, Optional<Deed> deed) throws IOException {
        Laps laps = new Laps();
        Replica replica = replica(asked.relationship());
        CarriedMachine machine =
                TargetPlanner.machine(replica, point(replica, FAILOVER_BRANCH, asked.point()).position());
        Connections connections = TargetPlanner.mapped(asked.adapters(), machine.definition().xml());
        possible(replica, planner.plan(machine, TargetPlanner.itself(replica, connections)));
        laps.end("planMillis");
        replica.fence();
        Branch branch = branch(replica, FAILOVER_BRANCH, Branch.Purpose.FAILOVER, asked.point(),
                images.of(replica));
        laps.end("disksMillis");
        // What the source sent between the look and the fence may have brought a newer definition.
        machine = TargetPlanner.machine(replica, branch.point().position());
        connections = TargetPlanner.mapped(asked.adapters(), machine.definition().xml());
        MachinePlan plan = possible(replica, planner.plan(machine, new MachineRequest(replica.spec().item(),
                replica.spec().vm(), replica.spec().vmName(), incarnation(replica.spec().item(), branch),
                branch.disks(), connections)));
        laps.end("planAgainMillis");
        List<String> differences = new ArrayList<>(plan.portability().warnings());
        differences.addAll(addresses.reserve(machine.definition().xml(), connections));
        differences.addAll(start(replica, branch, plan.withRole(MachineRole.RUNNING_REPLICA.word()),
                machine.definition().autostart(), deed));
        laps.end("startMillis");
        LOG.info("failover started relationship={} vm={} point={} {}", asked.relationship(), replica.spec().vmName(),
                branch.point().position(), laps);
        return new CommandOutcome.MachineStarted(
                replica.spec().vmName(), branch.point(), clock.instant(), differences);
    }

    /** What this host would make of a VM, with nothing of it made. */
    public CommandOutcome check(CheckMachine asked) throws IOException {
        if (asked.definition().isPresent()) {
            String told = asked.definition().get();
            return new CommandOutcome.MachineChecked(
                    planner.portability(asked, told).and(room(asked)).and(addresses(asked, told)));
        }
        Replica replica = replica(asked.relationship());
        // At the point that was asked about, though the VM may run from another: somebody may want to change it.
        CarriedMachine machine = TargetPlanner.machine(replica, chosen(replica, asked.point()).position());
        String definition = machine.definition().xml();
        return new CommandOutcome.MachineChecked(planner.plan(machine, TargetPlanner.itself(replica,
                TargetPlanner.mapped(asked.adapters(), definition))).portability().and(addresses(asked, definition)));
    }

    /** What would become of the addresses that its adapters have. */
    private Portability addresses(CheckMachine asked, String definition) {
        try {
            return new Portability(List.of(),
                    addresses.look(definition, TargetPlanner.mapped(asked.adapters(), definition)));
        } catch (IllegalArgumentException senseless) {
            // The plan says what makes no sense of it.
            return Portability.FULL;
        }
    }

    /** Whether its disks have a place here; those of a replica have one. */
    private Portability room(CheckMachine asked) throws IOException {
        if (asked.disks().isEmpty() || replicas.find(asked.relationship()).isPresent()) {
            return Portability.FULL;
        }
        StorageFit fit = replicas.fit(ReplicaDisks.of(asked.disks()), Optional.empty());
        return new Portability(fit.obstacles(), fit.warnings());
    }

    /**
     * First its role, which is what lets it start. What a person does without the vault is noted before, and from which
     * point it was done when it was.
     *
     * @return what was set aside for it, in sentences
     */
    private List<String> start(Replica replica, Branch branch, MachinePlan plan, boolean autostart,
            Optional<Deed> deed) throws IOException {
        HostRoles.Machine itself = new HostRoles.Machine(
                replica.spec().item(), replica.spec().vm(), replica.spec().vmName());
        roles.runningReplica(itself, deed);
        List<String> aside;
        try {
            aside = start(replica, branch, plan, autostart);
        } catch (FailureException refused) {
            if (!isDefined(branch, plan.machine().id())) {
                roles.replicaAgain(itself);
            }
            throw refused;
        }
        if (deed.isPresent()) {
            roles.runningReplica(itself, deed.map(done -> done.from(branch.point())));
        }
        return aside;
    }

    private List<String> start(Replica replica, Branch branch, MachinePlan plan, boolean autostart)
            throws IOException {
        MachineDefinition machine = plan.machine();
        List<String> aside = List.of();
        if (!runs(machine.id(), machine.item())) {
            // Its process may live on after its guest crashed.
            stop(machine.id(), machine.item());
            aside = define(replica, branch, plan);
            noteBase(branch, machine.id());
        }
        hypervisor.setAutostart(machine.id(), autostart);
        hypervisor.start(machine.id());
        return aside;
    }

    /** Whether the VM is defined on a branch; one of adopted disks may be there without it. */
    private boolean isDefined(Branch branch, VmId vm) throws IOException {
        return hypervisor.machine(vm).isPresent()
                && hypervisor.definition(vm).disks().values().stream().anyMatch(branch.disks()::containsValue);
    }

    /** Noted before it is done: whatever becomes of libvirt's own record, what the VM wrote is not thrown away. */
    private List<String> define(Replica replica, Branch branch, MachinePlan plan) throws IOException {
        MachineDefinition machine = plan.machine();
        List<String> aside = branch.givenAt().isEmpty() && !isDefined(branch, machine.id())
                ? layDown(replica, branch, plan) : List.of();
        replica.give(branch.name(), true);
        try {
            hypervisor.define(machine);
        } catch (FailureException refused) {
            // It was not given before this attempt, and is not now. A lost connection says neither.
            if (branch.givenAt().isEmpty() && !isDefined(branch, machine.id())) {
                replica.give(branch.name(), false);
            }
            throw refused;
        }
        return aside;
    }

    /**
     * What its firmware and TPM find at the first start from a branch, and never again: what they write since is the
     * VM's. Of an earlier test nothing is left for the next.
     */
    private List<String> layDown(Replica replica, Branch branch, MachinePlan plan) throws IOException {
        if (branch.purpose() == Branch.Purpose.TEST) {
            hypervisor.firmware().remove(plan.machine().id());
        }
        // What the VM kept here when its disks were adopted stays with the replica, as of that point.
        LogPosition left = LogPosition.startOf(replica.spec().generation());
        return hypervisor.firmware().place(plan.placement(), Optional.of(TargetPlanner.firmware(replica, left)));
    }

    /**
     * What the VM writes from now on is noted in its images; libvirt learns of it as of a checkpoint, from which the
     * reverse direction begins. Without it that compares the disks, so a refusal stops no failover.
     */
    private void noteBase(Branch branch, VmId vm) {
        if (branch.bitmap().isPresent()) {
            try {
                hypervisor.diskJobs().noteCheckpoint(vm, branch.bitmap().get(), branch.disks().keySet());
            } catch (IOException | FailureException e) {
                LOG.warn("the reverse direction will have to compare disks vm={} checkpoint={}", vm,
                        branch.bitmap().get(), e);
            }
        }
    }

    /** Stops a VM that we made of this item; somebody else's of the same identity is not touched. */
    private void stop(VmId vm, Optional<ItemId> item) throws IOException {
        if (hypervisor.machine(vm).isPresent()) {
            MachineDefinition found = hypervisor.definition(vm);
            if (!found.isOurs() || (found.item().isPresent() && !found.item().equals(item))) {
                throw FailureException.of(FailureCode.ALREADY_EXISTS, "VM " + found.name() + " (" + vm + ") is on this"
                        + " host and was not made for this item by Understudy: it is left as it is.",
                        "Remove it with libvirt's own tools if it is no longer needed, then try again.");
            }
        }
        hypervisor.destroy(vm);
    }

    /** Whether an earlier attempt, or a person who mended what it left, has started the VM: then it stays as it is. */
    private boolean runs(VmId vm, Optional<ItemId> item) throws IOException {
        boolean running = hypervisor.machine(vm).filter(found ->
                found.power() == PowerState.RUNNING || found.power() == PowerState.PAUSED).isPresent();
        return running && hypervisor.definition(vm).item().equals(item);
    }

    private MachinePlan possible(Replica replica, MachinePlan plan) throws IOException {
        return runs(plan.machine().id(), plan.machine().item()) ? plan
                : TargetPlanner.possible(plan, replica.spec().vmName());
    }

    /** The same for every attempt at one start, another for every other start. */
    private static UUID incarnation(ItemId item, Branch branch) {
        return UUID.nameUUIDFromBytes((item + " " + branch.name() + " " + branch.createdAt())
                .getBytes(StandardCharsets.UTF_8));
    }

    public CommandOutcome fence(RelationshipId relationship) throws IOException {
        replica(relationship).fence();
        return new CommandOutcome.Done();
    }

    /**
     * Takes the item's segments again after a failover that stopped before it defined the VM here. One that defined it
     * may have run it: then what it wrote is nowhere else, whether or not libvirt knows the VM now.
     */
    public CommandOutcome release(RelationshipId relationship) throws IOException {
        Replica replica = replica(relationship);
        Optional<Instant> given = existing(replica, FAILOVER_BRANCH).flatMap(Branch::givenAt);
        // The VM of adopted disks was defined before, and is not of the failover.
        boolean defined = !replica.adopted() && hypervisor.machine(replica.spec().vm()).isPresent();
        if (defined || given.isPresent()) {
            throw FailureException.of(FailureCode.STATE_FORBIDS, "VM " + replica.spec().vmName() + (defined
                    ? " is defined on this host by the failover and may have run."
                    : " was defined on this host by the failover at " + given.get() + " and may have run, though"
                            + " libvirt does not know it now; its disks are kept."),
                    "Fail over again, or disable protection and keep the VM that is wanted.");
        }
        takeFirmwareBack(replica);
        replica.removeBranch(FAILOVER_BRANCH);
        replica.unfence();
        return new CommandOutcome.Done();
    }

    /** What was laid down for a VM that was never defined: keys are not left at a host that has no use for them. */
    private void takeFirmwareBack(Replica replica) throws IOException {
        Optional<Branch> branch = existing(replica, FAILOVER_BRANCH);
        // What the VM of adopted disks has here is its own.
        if (branch.isPresent() && !replica.adopted()) {
            CarriedMachine machine = TargetPlanner.machine(replica, branch.get().point().position());
            hypervisor.firmware().takeBack(TargetPlanner.placement(replica, machine));
        }
    }

    /**
     * Takes away the VM that a failover started, with its disks' overlays: what it wrote is lost. The replica and its
     * points stay as they are, and it can be started from another of them.
     */
    public CommandOutcome discard(RelationshipId relationship) throws IOException {
        Replica replica = replica(relationship);
        VmId vm = replica.spec().vm();
        String name = replica.spec().vmName();
        if (replica.report().committed()) {
            throw FailureException.of(FailureCode.STATE_FORBIDS, "The failover of VM " + name
                    + " was committed: its other recovery points are deleted, and it stays as it runs.");
        }
        if (hypervisor.machine(vm).isPresent()) {
            if (!replica.fenced() || !hypervisor.definition(vm).item().equals(Optional.of(relationship.item()))) {
                throw FailureException.of(FailureCode.IN_USE, "VM " + name + " on this host was not started by a "
                        + "failover of this replica: it is not touched.",
                        "See whose it is (virsh dumpxml " + vm + ").");
            }
            hypervisor.destroy(vm);
            hypervisor.undefine(vm, FirmwareState.STAYS);
        }
        replica.removeBranch(FAILOVER_BRANCH);
        LOG.info("failover discarded relationship={} vm={}", relationship, name);
        return new CommandOutcome.Done();
    }

    /** Keeps the VM for good; the points go (CM-01, RP-08). */
    public CommandOutcome commit(RelationshipId relationship) throws IOException {
        replica(relationship).commit();
        return new CommandOutcome.Done();
    }

    /** What makes the disks of committed VMs their own. */
    public HandOvers handOvers() {
        return handOvers;
    }

    /** Before a replica goes: what a committed VM still reads from it becomes its own, if the VM is off. */
    public void handOverAtRest(RelationshipId relationship) throws IOException {
        Optional<Replica> replica = replicas.find(relationship);
        if (replica.isPresent()) {
            handOvers.atRest(replica.get());
        }
    }

    private Branch branch(Replica replica, String name, Branch.Purpose purpose, PointChoice choice, BranchPlace place)
            throws IOException {
        Optional<Branch> there = existing(replica, name);
        if (there.isPresent()) {
            return there.get();
        }
        CommandProgress.says(() -> applied(replica));
        if (choice instanceof PointChoice.Latest) {
            replica.applyPending();
        }
        CommandProgress.says("makes disks of the point");
        return replica.branch(chosen(replica, choice).position(), name, purpose, place);
    }

    private static String applied(Replica replica) {
        try {
            ReplicaReport now = replica.report();
            return "applies what was received of VM " + replica.spec().vmName() + ": at " + now.applied() + " of "
                    + now.acknowledged();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The point that a branch has, or would have if it were made now. */
    private static RecoveryPoint point(Replica replica, String branch, PointChoice choice) {
        return existing(replica, branch).map(Branch::point).orElseGet(() -> chosen(replica, choice));
    }

    private static Optional<Branch> existing(Replica replica, String name) {
        return replica.branches().stream().filter(branch -> branch.name().equals(name)).findFirst();
    }

    private static RecoveryPoint chosen(Replica replica, PointChoice choice) {
        return switch (choice) {
            case PointChoice.Latest _ -> replica.points().latest();
            case PointChoice.LatestProcessed _ -> replica.points().latestProcessed();
            case PointChoice.LatestApplicationConsistent _ -> replica.points().latestApplicationConsistent();
            case PointChoice.Custom custom -> replica.points().custom(custom.position());
        };
    }

    private Replica replica(RelationshipId relationship) {
        return replicas.find(relationship).orElseThrow(() -> FailureException.of(
                FailureCode.NOT_FOUND, "This host has no replica of the relationship " + relationship + "."));
    }

    /** One test VM a relationship (TF-11), so its identity follows from it and survives every crash. */
    static VmId testId(RelationshipId relationship) {
        return new VmId(UUID.nameUUIDFromBytes(
                ("understudy-test-" + relationship.folderName()).getBytes(StandardCharsets.UTF_8)));
    }

    static String isolatedName(RelationshipId relationship) {
        return "understudy-test-" + relationship.item().toString().substring(0, 8)
                + (relationship.generation() == RelationshipId.FIRST ? "" : "-" + relationship.generation());
    }
}
