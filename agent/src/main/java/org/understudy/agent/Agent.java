package org.understudy.agent;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.agent.identity.AgentIdentity;
import org.understudy.agent.identity.HostRemains;
import org.understudy.agent.identity.IdentityStore;
import org.understudy.agent.local.AttachmentStore;
import org.understudy.agent.local.LocalDoor;
import org.understudy.agent.local.LocalFailover;
import org.understudy.agent.role.HostRoles;
import org.understudy.agent.role.RoleStore;
import org.understudy.agent.role.ToldRoles;
import org.understudy.agent.source.CycleCapture;
import org.understudy.agent.source.RelationshipStore;
import org.understudy.agent.source.ReplicationFactory;
import org.understudy.agent.source.SourceReplications;
import org.understudy.agent.target.BootFolder;
import org.understudy.agent.target.ImageFolder;
import org.understudy.agent.target.MachineReadiness;
import org.understudy.agent.target.OldSource;
import org.understudy.agent.target.ReplicaMachines;
import org.understudy.agent.target.ReplicaReception;
import org.understudy.agent.target.Replicas;
import org.understudy.agent.target.TargetPlanner;
import org.understudy.agent.vault.AnswerStore;
import org.understudy.agent.vault.Answers;
import org.understudy.agent.vault.CommandLoop;
import org.understudy.agent.vault.ReportLoop;
import org.understudy.agent.vault.RunningCommands;
import org.understudy.agent.vault.VaultConnection;
import org.understudy.changelog.LogWarmUp;
import org.understudy.command.AgentEndpoint;
import org.understudy.command.AgentReport;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostFact;
import org.understudy.model.ItemId;
import org.understudy.model.loop.Loops;
import org.understudy.replica.ReplicaCatalog;
import org.understudy.replica.ReplicaSettings;
import org.understudy.replication.Pace;
import org.understudy.replication.SystemPace;
import org.understudy.replication.wire.ReplicationDialer;
import org.understudy.replication.wire.ReplicationServer;
import org.understudy.replication.wire.TlsIdentity;
import org.understudy.replication.wire.WireLimits;
import org.understudy.replication.wire.WireWarmUp;

/**
 * A running agent; {@link #start} reads from top to bottom as the picture of the process. It replicates what it was
 * told before it has spoken to any vault, and goes on when the vault goes away. {@link #close} ends it in reverse
 * order.
 */
public final class Agent implements AutoCloseable {
    public static final String VERSION = "0.1.0";
    /** How a package names itself, which tells one build from another. */
    private static final String PACKAGE = "understudy.version";
    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

    private final Owned owned = new Owned();
    private final Pace pace;
    private final Pause pause;
    private final Loops loops;
    private ReportLoop reports;
    private MachineReadiness readiness;

    private Agent(Pace pace) {
        this.pace = pace;
        this.pause = new Pause(pace);
        this.loops = new Loops(pause::isOver, pause::await);
    }

    /** What the vault is told: the package's version, where this runs from one. */
    public static String version() {
        return System.getProperty(PACKAGE, VERSION).replace('~', '-');
    }

    /**
     * Starts everything; the hypervisor is the agent's from now on.
     *
     * @throws FailureException NOT_FOUND when this agent was never registered, AGENT_FOLDER_INCOMPLETE when it was and
     * its identity is lost, IN_USE when another one runs in its folder or with its hypervisor
     */
    public static Agent start(AgentConfig config, Hypervisor hypervisor, Clock clock) throws IOException {
        Agent agent = new Agent(new SystemPace(clock));
        agent.owned.add("hypervisor", hypervisor);
        try {
            agent.startParts(config, AskedHypervisor.over(hypervisor), clock);
            return agent;
        } catch (IOException | RuntimeException e) {
            agent.close();
            throw e;
        }
    }

    private void startParts(AgentConfig config, Hypervisor hypervisor, Clock clock) throws IOException {
        AgentIdentity identity = identity(config);
        owned.add("folder lock", FolderLock.take(config.folder()));
        owned.add("hypervisor's claim", hypervisor.claim("the agent in " + config.folder().toAbsolutePath()));
        TlsIdentity tls = identity.tls();

        // As a target: replicas, the loops that apply, the port where segments arrive.
        ReplicaCatalog catalog = owned.add("replicas", ReplicaCatalog.open(
                config.replicas(), ReplicaSettings.usual(clock, hypervisor::emulator)));
        TargetPlanner planner = new TargetPlanner(hypervisor, new BootFolder(config.boot()));
        readiness = owned.add("readiness", new MachineReadiness(planner, clock));
        Replicas replicas = owned.add("applying", new Replicas(catalog, readiness, clock));
        HostRoles roles = new HostRoles(new RoleStore(config.folder()), hypervisor, clock);
        ReplicaMachines machines = new ReplicaMachines(
                catalog, hypervisor, planner, roles, new ImageFolder(config.images()), clock);

        // As a source: relationships and their drivers.
        RelationshipStore relationships = new RelationshipStore(config.folder());
        SourceReplications sources = owned.add("sources", sources(hypervisor, relationships, identity));
        OldSource oldSource = new OldSource(sources, replicas, catalog, machines, hypervisor);
        ToLongFunction<ItemId> newest =
                item -> Math.max(sources.newestGeneration(item), catalog.newestGeneration(item));

        // Towards the vault.
        VaultConnection vault = owned.add("vault", VaultConnection.as(identity));
        InventoryWatch host = new InventoryWatch(hypervisor, replicas::testMachines, readiness::saw, pace, pause);
        RunningCommands running = new RunningCommands(clock);
        Answers answers = new Answers(new AnswerStore(config.folder(), clock));
        RolesOfCommands executor = new RolesOfCommands(
                new Commands(sources, oldSource, replicas, machines, hypervisor, new Commands.Waiting(clock, pause)),
                roles, relationships, new LateWords(newest, replicas::has));
        executor.giveToWhatIsHere(catalog);
        AttachmentStore attachments = new AttachmentStore(config.folder());
        reports = new ReportLoop(vault, new Picture(host, sources, replicas, machines.handOvers(), running, answers,
                roles.store(), attachments, loops), heard(new ToldRoles(roles), attachments), pace, pause);
        CommandLoop commands = new CommandLoop(vault, executor, answers, reports, running, pause);

        // For a person at this host, on the day on which there is no vault.
        openDoor(config, new LocalFailover(() -> catalog.current(newest), machines, attachments, commands::inTurn,
                commands::vaultAnswers, clock));
        replicas.resume();
        owned.add("replication port", ReplicationServer.listen(
                new InetSocketAddress(config.replicationPort()), tls, new ReplicaReception(catalog, replicas, newest),
                (peer, failure) -> reports.add(new AgentReport.Refused(peer, failure)), WireLimits.USUAL));
        sources.resume();
        MachineEvents events = owned.add("events", new MachineEvents(hypervisor, sources::on, pause));
        // Beside all of that, since nothing depends on it, and before a VM's first log is on its way.
        WireWarmUp wire = owned.add("warm-up", new WireWarmUp(identity.host(), tls));
        LogWarmUp log = new LogWarmUp(config.folder());
        Thread.ofVirtual().name("warm-up").start(() -> warmUp(log, wire));
        loops.start("machine-events", events);
        loops.start("inventory", host);
        loops.start("hand-over", () -> oldSource.turn(pause, sources::newestGeneration));
        TargetsWord targets = new TargetsWord(roles, newest, () -> sources.reports(_ -> { }));
        loops.start("targets-word", () -> targets.turn(pause));
        loops.start("commands", commands);
        loops.start("reports", reports);
        LOG.info("agent started host={} vault={} replicas={}", identity.host(), identity.vaultUrl(), config.replicas());
    }

    private SourceReplications sources(
            Hypervisor hypervisor, RelationshipStore relationships, AgentIdentity identity) {
        CycleCapture capture = owned.add("capture", new CycleCapture());
        TlsIdentity tls = identity.tls();
        return new SourceReplications(hypervisor, relationships,
                new ReplicationFactory(hypervisor, relationships, capture, to -> new ReplicationDialer(
                        to.item(), to.target().host(), to.target().address(), to.target().port(), tls,
                        WireLimits.USUAL), pace, identity.host()));
    }

    /** Nothing else depends on it: a folder whose path is too long for a socket still has an agent. */
    private void openDoor(AgentConfig config, LocalFailover failover) {
        try {
            loops.start("local-socket", owned.add("local socket", LocalDoor.open(config.folder(), failover)));
        } catch (IOException e) {
            LOG.warn("nobody at this host can ask for a failover reason={}", e.getMessage());
        }
    }

    private static Consumer<AgentEndpoint.Taken> heard(ToldRoles roles, AttachmentStore attachments) {
        return taken -> {
            roles.accept(taken.roles());
            taken.attachments().ifPresent(attachments);
        };
    }

    private static AgentIdentity identity(AgentConfig config) throws IOException {
        Optional<AgentIdentity> known = new IdentityStore(config.folder()).load();
        if (known.isEmpty()) {
            new HostRemains(config.folder(), config.replicas()).requireNone();
        }
        return known.orElseThrow(() -> FailureException.of(
                FailureCode.NOT_FOUND, "There is no agent identity in " + config.folder() + ".",
                "Register this host first: understudy agent register --help."));
    }

    /** Looks at the host again and again, beside everything else, and tells the vault what it finds. */
    public void watchHost(Supplier<List<HostFact>> look) {
        HostWatch watch = new HostWatch(look, facts -> {
            readiness.factsChanged();
            reports.add(facts);
        }, pause::await);
        loops.start("host", watch::turn);
    }

    private static void warmUp(LogWarmUp log, WireWarmUp wire) {
        try {
            log.run();
        } catch (IOException e) {
            LOG.debug("log was not warmed up", e);
        }
        wire.run();
    }

    @Override
    public void close() {
        pause.end();
        owned.close();
        LOG.info("agent ended");
    }
}
